package migration_test

import (
	"strings"
	"testing"
)

func TestSQLTables(t *testing.T) {
	run(t, "a.sql", []example{
		{"create", "CREATE TABLE t (a int NOT NULL)", []string{"1 harmless: creates the table t"}},
		{
			"create kinds",
			"create temp table if not exists s.t (a);\nCREATE UNLOGGED TABLE \"My Table\" (a);\nCREATE VIRTUAL " +
				"TABLE f USING fts5(a)",
			[]string{
				"1 harmless: creates the table s.t",
				"2 harmless: creates the table My Table",
				"3 harmless: creates the table f",
			},
		},
		{"drop", "DROP TABLE t", []string{"1 destructive: drops the table t"}},
		{
			"drop several",
			"drop table if exists a, s.b, \"C d\" cascade;",
			[]string{
				"1 destructive: drops the table a",
				"1 destructive: drops the table s.b",
				"1 destructive: drops the table C d",
			},
		},
		{
			"quotes",
			"DROP TABLE `a`; DROP TABLE [b c]; DROP TABLE \"d\"\"e\"; DROP TABLE 'f'",
			[]string{
				"1 destructive: drops the table a",
				"1 destructive: drops the table b c",
				"1 destructive: drops the table d\"e",
				"1 destructive: drops the table f",
			},
		},
		{"rename", "ALTER TABLE IF EXISTS ONLY s.a RENAME TO b", []string{"1 destructive: renames the table s.a to b"}},
		{
			"own table",
			"CREATE TABLE t (a);\nCREATE UNIQUE INDEX i ON public.T (a);\nALTER TABLE t DROP COLUMN a, ADD " +
				"CONSTRAINT u UNIQUE (b);\nDELETE FROM t;\nUPDATE t SET a = 1;\nALTER TABLE t RENAME TO u;\nDROP " +
				"TABLE u;\nDROP TABLE u",
			[]string{
				"1 harmless: creates the table t",
				"2 harmless: creates the unique index i on public.T",
				"3 harmless: drops the column t.a",
				"3 harmless: adds the unique constraint u to t",
				"4 harmless: deletes rows of the table t",
				"5 harmless: changes rows of the table t",
				"6 harmless: renames the table t to u",
				"7 harmless: drops the table u",
				"8 destructive: drops the table u",
			},
		},
		{
			"own table of a schema",
			"CREATE TABLE s.a (a);\nALTER TABLE s.a RENAME TO b;\nDROP TABLE b;\nDROP TABLE s.b",
			[]string{
				"1 harmless: creates the table s.a",
				"2 harmless: renames the table s.a to b",
				"3 destructive: drops the table b",
				"4 harmless: drops the table s.b",
			},
		},
		{
			"perhaps own table",
			"CREATE TABLE IF NOT EXISTS t (a);\nCREATE UNIQUE INDEX IF NOT EXISTS i ON t (a);\nDROP TABLE t",
			[]string{
				"1 harmless: creates the table t",
				"2 harmless: creates the unique index i on t",
				"3 destructive: drops the table t",
			},
		},
		{"drop, then create", "DROP TABLE t;\nCREATE TABLE t (a);\nDROP TABLE t", []string{
			"1 destructive: drops the table t", "2 harmless: creates the table t", "3 harmless: drops the table t",
		}},
		{
			"another schema",
			"ALTER TABLE t SET SCHEMA archive",
			[]string{"1 destructive: renames the table t to archive.t"},
		},
		{
			"partitions",
			"ALTER TABLE t ATTACH PARTITION p FOR VALUES IN (1);\nALTER TABLE t DETACH PARTITION q",
			[]string{
				"1 risky: makes the table p a partition of t",
				"2 destructive: takes the partition q out of the table t",
			},
		},
		{"row security", "ALTER TABLE t ENABLE ROW LEVEL SECURITY;\nALTER TABLE t DISABLE ROW LEVEL SECURITY", []string{
			"1 risky: turns on row security of the table t", "2 harmless: changes the table t",
		}},
		{
			"other changes",
			"ALTER TABLE t OWNER TO x, SET (fillfactor = 70), ENABLE TRIGGER ALL, REPLICA IDENTITY FULL, NO INHERIT u;",
			[]string{
				"1 harmless: changes the table t",
			},
		},
		{
			"unknown changes",
			"ALTER TABLE t MODIFY a int;\nALTER TABLE t;\nALTER TABLE t ADD (a int);\nALTER TABLE t ADD " +
				"CONSTRAINT x SOMETHING",
			[]string{
				"1 risky: changes the table t by MODIFY a int",
				"2 risky: runs ALTER TABLE t",
				"3 risky: changes the table t by ADD (a int)",
				"4 risky: changes the table t by ADD CONSTRAINT x SOMETHING",
			},
		},
		{
			"templates",
			"DROP TABLE {t};\nDROP TABLE ${schema}.t;\nDROP TABLE %s, %(name)s;\nCREATE TABLE {u} (a);\nDROP TABLE {u}",
			[]string{
				"1 destructive: drops the table {t}",
				"2 destructive: drops the table {schema}.t",
				"3 destructive: drops the table %s",
				"3 destructive: drops the table %(name)s",
				"4 harmless: creates the table {u}",
				"5 destructive: drops the table {u}",
			},
		},
	})
}

func TestSQLColumns(t *testing.T) {
	const adds = "1 harmless: adds the column t.c"
	const notNull = "1 destructive: adds the column t.c, NOT NULL and without a default"
	var examples []example
	for column, want := range map[string]string{
		"c int":                                                  adds,
		"c int NULL":                                             adds,
		"c int NOT NULL":                                         notNull,
		"COLUMN c int not  null":                                 notNull,
		"COLUMN IF NOT EXISTS c int":                             adds,
		"IF NOT EXISTS \"c\" int NOT NULL":                       notNull,
		"c int NOT NULL DEFAULT 0":                               adds,
		"c int DEFAULT 0 NOT NULL":                               adds,
		"c int DEFAULT NULL NOT NULL":                            notNull,
		"c text NOT NULL DEFAULT 'NOT NULL'":                     adds,
		"c text DEFAULT 'NOT NULL'":                              adds,
		"c text CHECK (c IS NOT NULL)":                           adds,
		"c int NOT NULL CHECK (c <> 'DEFAULT') /* DEFAULT */":    notNull,
		"c int NOT NULL REFERENCES u (id) ON DELETE SET DEFAULT": notNull,
		"c int GENERATED ALWAYS AS IDENTITY NOT NULL":            adds,
		"c int NOT NULL GENERATED ALWAYS AS (a * 2) STORED":      adds,
		"c int NOT NULL AS (a)":                                  adds,
		"c bigserial NOT NULL":                                   adds,
		"c uuid PRIMARY KEY":                                     notNull,
		"c uuid PRIMARY KEY DEFAULT gen_random_uuid()":           adds,
		"c timestamptz NOT NULL DEFAULT now()":                   adds,
		"c numeric(3, 2)":                                        adds,
		"c text[] NOT NULL DEFAULT ARRAY[]::text[]":              adds,
		"CONSTRAINT n NOT NULL c":                                "1 destructive: makes the column t.c NOT NULL",
		"CONSTRAINT u UNIQUE (c)":                                "1 risky: adds the unique constraint u to t",
		"UNIQUE (c)":                                             "1 risky: adds the unique constraint to t",
		"CONSTRAINT k CHECK (c > 0) NOT VALID":                   "1 risky: adds the check constraint k to t",
		"PRIMARY KEY (c)":                                        "1 risky: adds the primary key to t",
		"EXCLUDE USING gist (c WITH &&)":                         "1 risky: adds the exclusion constraint to t",
		"\"check\" int":                                          "1 harmless: adds the column t.check",

		"CONSTRAINT f FOREIGN KEY (c) REFERENCES u (id) ON DELETE SET NULL": "1 risky: adds the foreign key f to t",
	} {
		examples = append(examples, example{column, "ALTER TABLE t ADD " + column, []string{want}})
	}
	for action, want := range map[string]string{
		"DROP COLUMN c":                   "destructive: drops the column t.c",
		"DROP c":                          "destructive: drops the column t.c",
		"DROP COLUMN IF EXISTS c CASCADE": "destructive: drops the column t.c",
		"DROP CONSTRAINT IF EXISTS k":     "harmless: drops the constraint k of t",
		"RENAME COLUMN c TO d":            "destructive: renames the column t.c to d",
		"RENAME c TO d":                   "destructive: renames the column t.c to d",
		"RENAME CONSTRAINT c TO d":        "harmless: renames the constraint c of t",
		"ALTER COLUMN c TYPE varchar(40)": "destructive: changes the type of the column t.c to varchar(40)",
		"ALTER c SET DATA TYPE numeric(3,2) USING " +
			"c::numeric": "destructive: changes the type of the column t.c to numeric(3,2)",
		"ALTER COLUMN c TYPE timestamp with time zone": "destructive: changes the type of the column t.c " +
			"to timestamp with time zone",
		"ALTER COLUMN c TYPE text COLLATE \"C\"":              "risky: changes the type of the column t.c to text",
		"ALTER COLUMN c SET NOT NULL":                         "destructive: makes the column t.c NOT NULL",
		"ALTER COLUMN c DROP NOT NULL":                        "harmless: lets the column t.c be NULL",
		"ALTER COLUMN c SET DEFAULT 'a, b'":                   "harmless: changes the default of the column t.c",
		"ALTER COLUMN c SET DEFAULT NULL":                     "risky: removes the default of the column t.c",
		"ALTER COLUMN c DROP DEFAULT":                         "risky: removes the default of the column t.c",
		"ALTER COLUMN c DROP IDENTITY IF EXISTS":              "risky: removes the default of the column t.c",
		"ALTER COLUMN c ADD GENERATED BY DEFAULT AS IDENTITY": "harmless: changes the default of the column t.c",
		"ALTER COLUMN c SET STATISTICS 100":                   "harmless: changes the column t.c",
		"ALTER CONSTRAINT k DEFERRABLE":                       "harmless: changes the table t",
		"VALIDATE CONSTRAINT k":                               "risky: validates the constraint k of t",
	} {
		examples = append(examples, example{action, "\nALTER TABLE ONLY t * " + action + ";", []string{"2 " + want}})
	}
	run(t, "a.sql", examples)
	run(t, "a.sql", []example{
		{
			"several actions",
			"ALTER TABLE t\n  ADD a numeric(1, 2) NOT NULL,\n  DROP b,\n  ALTER c TYPE numeric(1, 2),\n  ADD " +
				"CHECK (d IN (1, 2));",
			[]string{
				"2 destructive: adds the column t.a, NOT NULL and without a default",
				"3 destructive: drops the column t.b",
				"4 destructive: changes the type of the column t.c to numeric(1, 2)",
				"5 risky: adds the check constraint to t",
			},
		},
		{
			"new column, filled, then not null",
			"ALTER TABLE t ADD c int;\nUPDATE t SET c = (SELECT 1, 2 FROM u), d = 2;\nUPDATE t SET c = 1, \"c\" = " +
				"f(a, b) WHERE d = 1, e = 2;\nALTER TABLE t ALTER c SET NOT NULL",
			[]string{
				"1 harmless: adds the column t.c",
				"2 risky: changes rows of the table t",
				"3 harmless: fills the new column t.c",
				"4 destructive: makes the column t.c NOT NULL",
			},
		},
		{
			"a default that came after the rows",
			"ALTER TABLE t ADD c int;\nALTER TABLE t ALTER c SET DEFAULT 1;\nALTER TABLE t ALTER c SET NOT NULL",
			[]string{
				"1 harmless: adds the column t.c",
				"2 harmless: changes the default of the column t.c",
				"3 risky: makes the column t.c NOT NULL",
			},
		},
		{
			"new column with a default",
			"ALTER TABLE t ADD c int DEFAULT 1;\nALTER TABLE t ALTER c SET NOT NULL;\nALTER TABLE t ALTER c DROP " +
				"DEFAULT",
			[]string{
				"1 harmless: adds the column t.c",
				"2 harmless: makes the column t.c NOT NULL",
				"3 destructive: removes the default of the column t.c",
			},
		},
		{
			"new column, no longer",
			"ALTER TABLE t ADD c int;\nALTER TABLE t ALTER c TYPE text;\nALTER TABLE t DROP c;\nALTER TABLE t DROP c",
			[]string{
				"1 harmless: adds the column t.c",
				"2 harmless: changes the type of the column t.c to text",
				"3 harmless: drops the column t.c",
				"4 destructive: drops the column t.c",
			},
		},
		{"perhaps new column", "ALTER TABLE t ADD COLUMN IF NOT EXISTS c int;\nALTER TABLE t DROP c", []string{
			"1 harmless: adds the column t.c", "2 destructive: drops the column t.c",
		}},
		{
			"views",
			"ALTER VIEW v RENAME COLUMN a TO b;\nALTER VIEW v RENAME TO w;\nALTER MATERIALIZED VIEW m SET SCHEMA s",
			[]string{
				"1 destructive: renames the column v.a to b",
				"2 destructive: renames the view v to w",
				"3 destructive: renames the materialized view m to s.m",
			},
		},
	})
}

func TestSQLRows(t *testing.T) {
	run(t, "a.sql", []example{
		{
			"delete",
			"DELETE FROM ONLY s.t WHERE a = 1 RETURNING *",
			[]string{"1 destructive: deletes rows of the table s.t"},
		},
		{
			"truncate",
			"TRUNCATE a;\nTRUNCATE TABLE ONLY a *, ONLY b CASCADE",
			[]string{
				"1 destructive: deletes rows of the table a",
				"2 destructive: deletes rows of the table a",
				"2 destructive: deletes rows of the table b",
			},
		},
		{"update", "UPDATE ONLY t AS x SET a = 1;\nUPDATE OR IGNORE t SET (a, b) = (1, 2)", []string{
			"1 risky: changes rows of the table t", "2 risky: changes rows of the table t",
		}},
		{
			"insert",
			"INSERT INTO t (a) VALUES (1), (2);\nINSERT OR IGNORE INTO t VALUES (1);\nINSERT INTO t SELECT 1 ON " +
				"CONFLICT DO NOTHING",
			[]string{
				"1 harmless: adds rows to the table t",
				"2 harmless: adds rows to the table t",
				"3 harmless: adds rows to the table t",
			},
		},
		{
			"replace",
			"INSERT OR REPLACE INTO t VALUES (1);\nREPLACE INTO t VALUES (1);\nINSERT INTO t VALUES (1) ON " +
				"CONFLICT (a) DO UPDATE SET a = 1;\nMERGE INTO t USING u ON a = b WHEN MATCHED THEN DELETE",
			[]string{
				"1 risky: adds rows to the table t or changes those that are there",
				"2 risky: adds rows to the table t or changes those that are there",
				"3 risky: adds rows to the table t or changes those that are there",
				"4 risky: adds rows to the table t or changes those that are there",
			},
		},
		{
			"with",
			"WITH a AS (SELECT 1), gone AS (\n  DELETE FROM t RETURNING *\n)\nINSERT INTO u SELECT * FROM gone;\n" +
				"WITH a AS (SELECT delete FROM x) SELECT 1;\nWITH a AS (SELECT 1) UPDATE t SET a = 1;\nWITH a AS " +
				"(SELECT 1) SELECT * FROM f() AS b FOR UPDATE",
			[]string{
				"2 destructive: deletes rows of the table t",
				"4 harmless: adds rows to the table u",
				"6 risky: changes rows of the table t",
			},
		},
		{
			"silent",
			"BEGIN; SELECT 'DROP TABLE t'; SET x = 1; PRAGMA foreign_keys = OFF; COMMENT ON TABLE t IS 'x'; GRANT " +
				"SELECT ON t TO u; COMMIT; ANALYZE; ;;",
			nil,
		},
		{
			"privileges",
			"REVOKE SELECT ON t FROM u;\nALTER DEFAULT PRIVILEGES REVOKE ALL ON TABLES FROM u;\nALTER DEFAULT " +
				"PRIVILEGES GRANT ALL ON TABLES TO u",
			[]string{
				"1 risky: takes away a privilege: REVOKE SELECT ON t FROM u",
				"2 risky: takes away a privilege: ALTER DEFAULT PRIVILEGES REVOKE ALL ON TABLES FROM u",
			},
		},
		{
			"code",
			"DO $$ BEGIN DROP TABLE t; END $$;\nDO LANGUAGE plpgsql $x$ $$ ; $x$;\nCALL tidy('x');\nEXECUTE y;\n123",
			[]string{
				"1 risky: runs a block of code",
				"2 risky: runs a block of code",
				"3 risky: runs CALL tidy('x')",
				"4 risky: runs EXECUTE y",
				"5 risky: runs 123",
			},
		},
	})
}

func TestSQLRebuilds(t *testing.T) {
	const rebuilds = "risky: rebuilds the table t"
	run(t, "a.sql", []example{
		{
			"new, then renamed",
			"PRAGMA foreign_keys=off;\nCREATE TABLE t_new (a);\nINSERT INTO t_new (a) SELECT a FROM t;\nDROP " +
				"TABLE t;\nALTER TABLE t_new RENAME TO t;\nCREATE UNIQUE INDEX i ON t (a);",
			[]string{
				"2 " + rebuilds, "6 risky: creates the unique index i on t",
			},
		},
		{
			"renamed, then new",
			"ALTER TABLE t RENAME TO t_old;\nCREATE TABLE t (a);\nINSERT INTO t SELECT a FROM \"t_old\";\nDROP " +
				"TABLE t_old;",
			[]string{"2 " + rebuilds},
		},
		{
			"leftovers",
			"DROP TABLE IF EXISTS t_new;\nCREATE TABLE t_new (a);\nINSERT INTO t_new SELECT a FROM t;\nDROP TABLE " +
				"t;\nALTER TABLE t_new RENAME TO t",
			[]string{"2 " + rebuilds},
		},
		{
			"in one step",
			"CREATE TABLE t_new AS SELECT a FROM t;\nDROP TABLE t;\nALTER TABLE t_new RENAME TO t",
			[]string{"1 " + rebuilds},
		},
		{
			"if not exists",
			"CREATE TABLE IF NOT EXISTS n (a);\nINSERT INTO n SELECT a FROM t;\nDROP TABLE t;\nALTER TABLE n " +
				"RENAME TO t",
			[]string{"1 " + rebuilds},
		},
		{
			"twice",
			"CREATE TABLE n (a);\nINSERT INTO n SELECT a FROM t;\nDROP TABLE t;\nALTER TABLE n RENAME TO t;\n" +
				"CREATE TABLE n (a);\nINSERT INTO n SELECT a FROM u;\nDROP TABLE u;\nALTER TABLE n RENAME TO u;\n" +
				"DROP TABLE t",
			[]string{
				"1 " + rebuilds, "5 risky: rebuilds the table u", "9 destructive: drops the table t",
			},
		},
		{
			"nothing is copied",
			"CREATE TABLE n (a);\nDROP TABLE t;\nALTER TABLE n RENAME TO t",
			[]string{
				"1 harmless: creates the table n",
				"2 destructive: drops the table t",
				"3 harmless: renames the table n to t",
			},
		},
		{
			"another is copied",
			"CREATE TABLE n (a);\nINSERT INTO n SELECT a FROM u;\nDROP TABLE t;\nALTER TABLE n RENAME TO t",
			[]string{
				"1 harmless: creates the table n",
				"2 harmless: adds rows to the table n",
				"3 destructive: drops the table t",
				"4 harmless: renames the table n to t",
			},
		},
		{
			"not renamed",
			"CREATE TABLE n (a);\nINSERT INTO n SELECT a FROM t;\nDROP TABLE t",
			[]string{
				"1 harmless: creates the table n",
				"2 harmless: adds rows to the table n",
				"3 destructive: drops the table t",
			},
		},
		{
			"not new",
			"INSERT INTO n SELECT a FROM t;\nDROP TABLE t;\nALTER TABLE n RENAME TO t",
			[]string{
				"1 harmless: adds rows to the table n",
				"2 destructive: drops the table t",
				"3 destructive: renames the table n to t",
			},
		},
		{"renamed and dropped", "ALTER TABLE t RENAME TO t_old;\nDROP TABLE t_old", []string{
			"1 destructive: renames the table t to t_old", "2 destructive: drops the table t_old",
		}},
	})
}

func TestSQLObjects(t *testing.T) {
	run(t, "a.sql", []example{
		{
			"index",
			"CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON ONLY t USING gin (a);\nCREATE INDEX ON t (a);\nDROP " +
				"INDEX CONCURRENTLY IF EXISTS i, s.j;\nALTER INDEX i RENAME TO j",
			[]string{
				"1 harmless: creates the index i on t",
				"2 harmless: creates the index on t",
				"3 harmless: drops the index i",
				"3 harmless: drops the index s.j",
				"4 harmless: renames the index i to j",
			},
		},
		{
			"unique index",
			"CREATE UNIQUE INDEX i ON t (a);\nALTER TABLE t ADD c int;\nCREATE UNIQUE INDEX ON t USING btree " +
				"(lower(a), c);\nCREATE UNIQUE INDEX k ON t (lower(c))",
			[]string{
				"1 risky: creates the unique index i on t",
				"2 harmless: adds the column t.c",
				"3 harmless: creates the unique index on t",
				"4 risky: creates the unique index k on t",
			},
		},
		{
			"drops",
			"DROP VIEW v;\nDROP MATERIALIZED VIEW IF EXISTS m;\nDROP SCHEMA s CASCADE;\nDROP TYPE y;\nDROP " +
				"SEQUENCE q;\nDROP FUNCTION f(int, text), g;\nDROP EXTENSION e;\nDROP DOMAIN d;\nDROP TRIGGER r " +
				"ON t;\nDROP POLICY p ON t;\nDROP OWNED BY u;\nDROP DATABASE b",
			[]string{
				"1 destructive: drops the view v",
				"2 destructive: drops the materialized view m",
				"3 destructive: drops the schema s",
				"4 destructive: drops the type y",
				"5 destructive: drops the sequence q",
				"6 destructive: drops the function f",
				"6 destructive: drops the function g",
				"7 destructive: drops the extension e",
				"8 destructive: drops the domain d",
				"9 risky: drops the trigger r",
				"10 risky: drops the policy p",
				"11 destructive: drops the property of u",
				"12 destructive: drops the database b",
			},
		},
		{
			"creates",
			"CREATE OR REPLACE VIEW v AS SELECT 1;\nCREATE SCHEMA IF NOT EXISTS s;\nCREATE TYPE y AS ENUM ('a');\n" +
				"CREATE EXTENSION IF NOT EXISTS \"uuid-ossp\";\nREFRESH MATERIALIZED VIEW CONCURRENTLY m",
			[]string{
				"1 harmless: creates the view v",
				"2 harmless: creates the schema s",
				"3 harmless: creates the type y",
				"4 harmless: creates the extension uuid-ossp",
				"5 harmless: changes the materialized view m",
			},
		},
		{
			"replaces",
			"DROP VIEW IF EXISTS v;\nCREATE VIEW v AS SELECT 1;\nDROP VIEW v",
			[]string{"1 risky: replaces the view v", "3 destructive: drops the view v"},
		},
		{
			"own",
			"CREATE TYPE y AS ENUM ('a');\nALTER TYPE y RENAME VALUE 'a' TO 'b';\nALTER TYPE y RENAME TO z;\nDROP " +
				"TYPE y",
			[]string{
				"1 harmless: creates the type y",
				"2 harmless: renames the value a of the type y",
				"3 harmless: renames the type y to z",
				"4 harmless: drops the type y",
			},
		},
		{
			"types",
			"ALTER TYPE y ADD VALUE IF NOT EXISTS 'c' AFTER 'b';\nALTER TYPE y RENAME VALUE 'a' TO 'b';\nALTER " +
				"TYPE y DROP VALUE 'a';\nALTER TYPE y DROP ATTRIBUTE IF EXISTS a;\nALTER TYPE y ALTER ATTRIBUTE a " +
				"TYPE int;\nALTER TYPE y RENAME TO z",
			[]string{
				"1 harmless: changes the type y",
				"2 destructive: renames the value a of the type y",
				"3 destructive: drops the value a of the type y",
				"4 destructive: drops the attribute a of the type y",
				"5 destructive: changes the type of y.a",
				"6 destructive: renames the type y to z",
			},
		},
		{
			"other",
			"ALTER SEQUENCE q RESTART;\nALTER FUNCTION f(int) RENAME TO g;\nALTER DOMAIN d SET NOT NULL;\nALTER " +
				"DOMAIN d DROP DEFAULT;\nALTER SCHEMA s RENAME TO u;\nDROP;\nALTER;\nCREATE",
			[]string{
				"1 harmless: changes the sequence q",
				"2 destructive: renames the function f to g",
				"3 risky: changes the domain d",
				"4 harmless: changes the domain d",
				"5 destructive: renames the schema s to u",
				"6 risky: runs DROP",
				"7 risky: runs ALTER",
				"8 risky: runs CREATE",
			},
		},
		{
			"trigger of SQLite",
			"CREATE TRIGGER r AFTER INSERT ON t WHEN CASE WHEN 1 THEN 1 END BEGIN\n  DELETE FROM t WHERE a = CASE " +
				"WHEN NEW.end THEN 1 END;\n  DROP TABLE t;\nEND;\nDROP TABLE t;",
			[]string{
				"1 harmless: creates the trigger r", "5 destructive: drops the table t",
			},
		},
		{
			"function of PostgreSQL",
			"CREATE OR REPLACE FUNCTION f() RETURNS trigger AS $body$\nBEGIN\n  DROP TABLE t; -- $$\n  RETURN " +
				"NEW;\nEND;\n$body$ LANGUAGE plpgsql;\nCREATE TRIGGER r BEFORE UPDATE ON t EXECUTE FUNCTION f();\n" +
				"CREATE FUNCTION g() RETURNS int LANGUAGE sql BEGIN ATOMIC\n  SELECT 1; DELETE FROM t;\nEND;\n" +
				"DROP TABLE t",
			[]string{
				"1 harmless: creates the function f",
				"7 harmless: creates the trigger r",
				"8 harmless: creates the function g",
				"11 destructive: drops the table t",
			},
		},
		{
			"procedure with loops",
			"CREATE PROCEDURE p() BEGIN IF 1 THEN DELETE FROM t; END IF; LOOP x; END LOOP; CASE a WHEN 1 THEN y; " +
				"END CASE; END;\nDROP TABLE t",
			[]string{ // which neither database has: PostgreSQL's are in quotes
				"1 harmless: creates the procedure p", "1 risky: runs LOOP x", "1 risky: runs CASE a WHEN 1 THEN y",
				"2 destructive: drops the table t",
			},
		},
	})
}

func TestSQLText(t *testing.T) {
	const drops = "destructive: drops the table t"
	const broken = "risky: holds SQL that never ends"
	run(t, "a.sql", []example{
		{"empty", "", nil},
		{"comments", "-- DROP TABLE t;\n/* DROP TABLE t; */ SELECT 1; -- DROP TABLE t;", nil},
		{"nested comments", "/* a /* b */ DROP TABLE u; */ DROP TABLE t", []string{"1 " + drops}},
		{"comments within", "DROP/**/TABLE--x\nt", []string{"1 " + drops}},
		{
			"strings",
			"SELECT 'DROP TABLE t; it''s', '--', '/*', \"; DROP TABLE t\", E'\\'; DROP TABLE t', $$; DROP TABLE " +
				"t$$, $a$ $$ ; $a$;",
			nil,
		},
		{"backslashes", "SELECT '\\'; DROP TABLE t; --'", []string{"1 " + drops}},
		{"dollars", "SELECT $1, a$b$c; DROP TABLE t; SELECT $b$", []string{"1 " + drops, "1 " + broken}},
		{"arrays", "SELECT a[1], ARRAY[b], ARRAY [c], '{}'::int[], [d e]; DROP TABLE t", []string{"1 " + drops}},
		{
			"names like keywords",
			"DROP TABLE \"drop table\"; CREATE TABLE \"begin\" (\"end\" int); SELECT \"delete\" FROM \"update\"",
			[]string{
				"1 destructive: drops the table drop table", "1 harmless: creates the table begin",
			},
		},
		{"mixed case", "dRoP tAbLe T", []string{"1 destructive: drops the table T"}},
		{"lines", "\n\nDROP\nTABLE t;\n\nDROP TABLE u\n", []string{"3 " + drops, "6 destructive: drops the table u"}},
		{
			"CRLF",
			"-- a\r\nDROP TABLE t;\r\nDROP TABLE u;\r\n",
			[]string{"2 " + drops, "3 destructive: drops the table u"},
		},
		{"CR ends a comment", "-- a\rDROP TABLE t", []string{"2 " + drops}},
		{"BOM", "\uFEFFDROP TABLE t", []string{"1 " + drops}},
		{"unclosed string", "DROP TABLE t;\nSELECT 'a; DROP TABLE u;", []string{"1 " + drops, "2 " + broken}},
		{"unclosed name", "DROP TABLE \"t", []string{"1 risky: runs DROP TABLE", "1 " + broken}},
		{"unclosed comment", "/* /* */ DROP TABLE t;", []string{"1 " + broken}},
		{"unclosed dollars", "DO $a$ x $b$", []string{"1 risky: runs a block of code", "1 " + broken}},
		{
			"unclosed block",
			"CREATE TRIGGER r AFTER INSERT ON t\nBEGIN DELETE FROM t; DROP TABLE t;",
			[]string{"1 harmless: creates the trigger r", "2 " + broken},
		},
		{"down", "DROP TABLE t;\n-- down\nDROP TABLE u;", []string{"1 " + drops}},
		{"down without semicolon", "DROP TABLE t\n-- ==== DOWN ====\nDROP TABLE u", []string{"1 " + drops}},
		{
			"migrate",
			"-- +migrate Up\nDROP TABLE t;\n-- +migrate Down\nDROP TABLE u;\n-- +migrate Up\nDROP TABLE v;",
			[]string{"2 " + drops, "6 destructive: drops the table v"},
		},
		{
			"goose",
			"-- +goose Down\nDROP TABLE u;\n-- +goose Up\n-- +goose StatementBegin\nDROP TABLE t;\n-- +goose " +
				"StatementEnd",
			[]string{"5 " + drops},
		},
		{
			"dbmate",
			"-- migrate:up transaction:false\nDROP TABLE t;\n-- migrate:down transaction:false\nDROP TABLE u",
			[]string{"2 " + drops},
		},
		{"rollback", "DROP TABLE t;\n  --rollback\nDROP TABLE u", []string{"1 " + drops}},
		{
			"not down",
			"-- down the road\n-- rollback DROP TABLE x;\nSELECT 1; -- down\nCREATE TABLE a (\n-- down\nb int);\n" +
				"SELECT '\n-- down\n';\nDROP TABLE t;",
			[]string{
				"4 harmless: creates the table a", "10 " + drops,
			},
		},
		{
			"names that mislead",
			"DROP TABLE \"a\n\x1b[31m\u202eb\";\nDROP TABLE " + strings.Repeat(
				"x",
				500,
			) + "." + strings.Repeat(
				"y",
				500,
			),
			[]string{
				"1 destructive: drops the table a [31m b",
				"3 destructive: drops the table " + strings.Repeat("x", 78) + "…",
			},
		},
	})
}
