package migration_test

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/source/migration"
)

// FuzzSQL takes any text as SQL.
func FuzzSQL(f *testing.F) {
	for _, seed := range []string{
		"",
		"CREATE TABLE n AS SELECT * FROM t;\nDROP TABLE t;\nALTER TABLE n RENAME TO t;",
		"ALTER TABLE a RENAME TO b; CREATE TABLE a (x); INSERT INTO a SELECT x FROM b; DROP TABLE b;",
		"CREATE TRIGGER t AFTER INSERT ON x BEGIN SELECT CASE a WHEN 1 THEN 2 END; END;\nDROP VIEW v; CREATE VIEW v",
		"DO $a$ $$ $a$; SELECT E'\\'' || \"a\"\"b\" || [c d] || `e`; /* /* */ */ -- down\n-- up\n",
		"WITH a AS (DELETE FROM t) UPDATE t SET a = 1, (b) = 2 WHERE c;\r\nALTER TYPE t RENAME VALUE 'a' TO 'b'",
		"ALTER TABLE {t} ADD c int[] NOT NULL DEFAULT '{}', ALTER c TYPE text, DROP %(x)s, SET SCHEMA s;",
		"CREATE UNIQUE INDEX ON ONLY t USING gin (a, lower(b)); ALTER VIEW v RENAME c TO d; DROP INDEX a, b.c",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, content string) {
		got, err := migration.Read(t.Context(), nil, migration.File{Path: "a.sql", Content: []byte(content)})
		if err != nil {
			t.Fatal(err)
		}
		check(t, content, got[0])
	})
}

// FuzzAnswer takes any text as the script's answer.
func FuzzAnswer(f *testing.F) {
	for _, seed := range []string{
		"", "{}", "null", `{"error": "x", "line": 9}`, `{"error": "\u0000", "line": -1}`,
		`{"revision": "1", "after": ["0", ""], "docstring": "a\nb", "operations": [null, {"do": "?"}]}`,
		`{"operations": [{"do": "create_table", "table": "t", "maybe": true}, {"do": "drop_table", "table": "t", ` +
			`"line": 3}]}`,
		`{"operations": [{"do": "sql", "sql": [{"line": 7, "text": "DROP "}, {"line": -1, "text": "TABLE t; ` +
			`SELECT '"}]}, {"do": "sql"}]}`,
		`{"operations": [{"do": "sql", "line": 7, "sql": "DROP TABLE t;\nSELECT '", "end": -1}, {"do": "sql"}]}`,
		`{"operations": [{"do": "add_column", "table": "t", "name": "c", "not_null": true}, {"do": ` +
			`"set_not_null", "table": "t", "name": "c"}]}`,
		`{"operations": [{"do": "change_type", "existing": "String(80)", "to": "\u0000"}, {"do": "widen_type"}]}`,
		`{"operations": [{"do": "change_type", "existing": {}}, {"do": "update", "columns": [""]}]}`,
		`{"operations": [{"do": "drop_object", "kind": "view", "name": "v"}, {"do": "create_object", "kind": ` +
			`"view", "name": "v"}]}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, answer string) {
		got, err := migration.Read(t.Context(), func(context.Context, string, []byte) ([]byte, error) {
			return []byte("[" + answer + "]"), nil
		}, migration.File{Path: "a.py", Content: []byte("1\n2\n3")})
		if err != nil {
			t.Fatal(err)
		}
		check(t, "1\n2\n3", got[0])
		if !json.Valid([]byte("["+answer+"]")) && got[0].Unread == "" {
			t.Errorf("%q was taken for an answer: %+v", answer, got[0])
		}
	})
}
