package migration_test

import (
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/migration"
)

// FuzzRead takes any text as a migration, of both kinds.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{
		"",
		"\"\"\"Title\"\"\"\nrevision = '1'\ndef upgrade():\n    op.drop_table('t', schema=f\"{s}\")\ndef downgrade(): pass\n",
		"with op.batch_alter_table('t') as b, op.batch_alter_table('u') as c:\n\tb.alter_column('x', type_=sa.Numeric(3, 2), existing_type=sa.Enum('a'))\n",
		"for s in ['DROP TABLE t', rb'\\x41' '''\n''']:\n    c.execute(sa.text(s % (a, {1: lambda: 2})))\n",
		"x = op.create_table('t')\nif y: x = sa.table('u')\nop.execute(x.update().values(a=1))\nz += 1; z[0].a(*b, **c)",
		"op.add_column('t', sa.Column('c', sa.Integer, nullable=False))\nop.execute('UPDATE t SET c = 1')",
		"CREATE TABLE n AS SELECT * FROM t;\nDROP TABLE t;\nALTER TABLE n RENAME TO t;",
		"ALTER TABLE a RENAME TO b; CREATE TABLE a (x); INSERT INTO a SELECT x FROM b; DROP TABLE b;",
		"CREATE TRIGGER t AFTER INSERT ON x BEGIN SELECT CASE a WHEN 1 THEN 2 END; END;\nDROP VIEW v; CREATE VIEW v",
		"DO $a$ $$ $a$; SELECT E'\\'' || \"a\"\"b\" || [c d] || `e`; /* /* */ */ -- down\n-- up\n",
		"WITH a AS (DELETE FROM t) UPDATE t SET a = 1, (b) = 2 WHERE c;\r\nALTER TYPE t RENAME VALUE 'a' TO 'b'",
		"ALTER TABLE {t} ADD c int[] NOT NULL DEFAULT '{}', ALTER c TYPE text, DROP %(x)s, SET SCHEMA s;",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, content string) {
		for _, file := range []string{"a.py", "a.sql"} {
			got, err := migration.Read(file, []byte(content))
			if err != nil {
				t.Fatal(err)
			}
			check(t, content, got)
		}
	})
}
