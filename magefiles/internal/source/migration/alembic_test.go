package migration_test

import (
	"strings"
	"testing"
)

func TestAlembicTables(t *testing.T) {
	run(t, "a.py", []example{
		{
			"create",
			`op.create_table("t", sa.Column("a", sa.Integer(), nullable=False))`,
			[]string{"1 harmless: creates the table t"},
		},
		{"drop", `op.drop_table("t")`, []string{"1 destructive: drops the table t"}},
		{"keywords", `op.drop_table(schema="s", table_name="t")`, []string{"1 destructive: drops the table s.t"}},
		{"rename", `op.rename_table("a", "b")`, []string{"1 destructive: renames the table a to b"}},
		{
			"rename by keyword",
			`op.rename_table(new_table_name="b", old_table_name='a')`,
			[]string{"1 destructive: renames the table a to b"},
		},
		{"own table", `
op.create_table("t")
op.add_column("t", sa.Column("a", sa.Integer, nullable=False))
op.create_index("i", "t", ["a"], unique=True)
op.create_unique_constraint("u", "t", ["a"])
op.alter_column("t", "a", type_=sa.Date())
op.rename_table("t", "u")
op.drop_column("u", "a")
op.execute("DELETE FROM u")
op.drop_table("u")`, []string{
			"2 harmless: creates the table t", "3 harmless: adds the column t.a, NOT NULL and without a default",
			"4 harmless: creates the unique index i on t", "5 harmless: adds the unique constraint u to t",
			"6 harmless: changes the type of the column t.a to Date",
			"7 harmless: renames the table t to u", "8 harmless: drops the column u.a",
			"9 harmless: deletes rows of the table u", "10 harmless: drops the table u",
		}},
		{"drop, then create", "op.drop_table('t')\nop.create_table('t')\nop.drop_column('t', 'c')", []string{
			"1 destructive: drops the table t", "2 harmless: creates the table t", "3 harmless: drops the column t.c",
		}},
		{
			"perhaps own table",
			`
if not exists("t"):
    op.create_table("t")
op.create_index("i", "t", ["a"], unique=True)
op.drop_table("t")`,
			[]string{
				"3 harmless: creates the table t",
				"4 harmless: creates the unique index i on t",
				"5 destructive: drops the table t",
			},
		},
		{"if not exists", "op.create_table('t', if_not_exists=True)\nop.drop_table('t')", []string{
			"1 harmless: creates the table t", "2 destructive: drops the table t",
		}},
		{
			"another schema",
			"op.create_table('t', schema='s')\nop.drop_table('t')\nop.drop_table('t', schema='s')",
			[]string{
				"1 harmless: creates the table s.t",
				"2 destructive: drops the table t",
				"3 harmless: drops the table s.t",
			},
		},
		{
			"computed names",
			"for t in names():\n    op.create_table(t)\nfor t in others():\n    op.drop_table(t)",
			[]string{
				"2 harmless: creates the table {t}", "4 destructive: drops the table {t}",
			},
		},
		{
			"constant names",
			"T = 't'\ndef upgrade():\n    C: str = 'c'\n    op.drop_column(T, C)",
			[]string{"4 destructive: drops the column t.c"},
		},
		{"f-string names", `op.drop_table(f"old_{name}")`, []string{"1 destructive: drops the table old_{name}"}},
		{"op.f", `op.drop_index(op.f("ix"), table_name="t")`, []string{"1 harmless: drops the index ix of t"}},
		{"comments", "op.create_table_comment('t', 'x')\nop.drop_table_comment('t')", []string{
			"1 harmless: changes the table t", "2 harmless: changes the table t",
		}},
		{
			"no arguments",
			"op.drop_table()\nop.drop_column()\nop.alter_column()\nop.add_column()\nop.create_index()\nop.execute()",
			[]string{
				"1 destructive: drops the table {?}",
				"2 destructive: drops the column {?}.{?}",
				"3 harmless: changes the column {?}.{?}",
				"4 risky: adds a column to the table {?}",
				"5 harmless: creates the index on {?}",
			},
		},
		{
			"another operation",
			"op.create_view(v)\nop.get_bind()\nop.f('x')",
			[]string{"1 risky: runs the operation create_view()"},
		},
	})
}

func TestAlembicColumns(t *testing.T) {
	const notNull = "1 destructive: adds the column t.c, NOT NULL and without a default"
	const adds = "1 harmless: adds the column t.c"
	var examples []example
	for column, want := range map[string]string{
		`sa.Column("c", sa.Integer())`:                                          adds,
		`sa.Column("c", sa.Integer(), nullable=True)`:                           adds,
		`sa.Column("c", sa.Integer(), nullable=False)`:                          notNull,
		`Column("c", Integer, nullable=False)`:                                  notNull,
		`sa.Column(name="c", type_=sa.Integer(), nullable=False)`:               notNull,
		`sa.Column("c", sa.Integer(), nullable = False, default=3)`:             notNull,
		`sa.Column("c", sa.Integer(), nullable=False, server_default=None)`:     notNull,
		`sa.Column("c", sa.Integer(), nullable=False, server_default="0")`:      adds,
		`sa.Column("c", sa.Integer(), nullable=False, server_default=sa.now())`: adds,
		`sa.Column("c", sa.Integer(), sa.Identity(), nullable=False)`:           adds,
		`sa.Column("c", sa.Integer(), sa.Computed("a * 2"), nullable=False)`:    adds,
		`sa.Column("c", sa.Integer(), nullable=strict)`:                         notNull,
		`sa.Column("c", sa.Integer(), primary_key=True)`:                        notNull,
		`sa.Column("c", sa.String("nullable=False"))`:                           adds,
		`column`: "1 risky: adds the column {column} to the table t",
	} {
		examples = append(examples, example{column, `op.add_column("t", ` + column + `)`, []string{want}})
		examples = append(
			examples,
			example{"keyword " + column, `op.add_column(column=` + column + `, table_name="t")`, []string{want}},
		)
	}
	run(t, "a.py", examples)
	run(t, "a.py", []example{
		{"a variable", "c = sa.Column('c', sa.Text(), nullable=False)\nop.add_column('t', c)", []string{
			"2 destructive: adds the column t.c, NOT NULL and without a default",
		}},
		{"drop", "op.drop_column('t', 'c')", []string{"1 destructive: drops the column t.c"}},
		{
			"drop by keyword",
			"op.drop_column(column_name='c', table_name='t')",
			[]string{"1 destructive: drops the column t.c"},
		},
		{
			"rename",
			"op.alter_column('t', 'c', new_column_name='d')",
			[]string{"1 destructive: renames the column t.c to d"},
		},
		{
			"not null",
			"op.alter_column('t', 'c', nullable=False, existing_type=sa.Text())",
			[]string{"1 destructive: makes the column t.c NOT NULL"},
		},
		{"not null with default", "op.alter_column('t', 'c', nullable=False, server_default='x')", []string{
			"1 harmless: changes the default of the column t.c", "1 risky: makes the column t.c NOT NULL",
		}},
		{
			"not null with existing default",
			"op.alter_column('t', 'c', nullable=False, existing_server_default='x')",
			[]string{
				"1 risky: makes the column t.c NOT NULL",
			},
		},
		{"not null, no default", "op.alter_column('t', 'c', nullable=False, existing_server_default=False)", []string{
			"1 destructive: makes the column t.c NOT NULL",
		}},
		{"null", "op.alter_column('t', 'c', nullable=True)", []string{"1 harmless: lets the column t.c be NULL"}},
		{
			"default",
			"op.alter_column('t', 'c', server_default=sa.text('0'))",
			[]string{"1 harmless: changes the default of the column t.c"},
		},
		{
			"no default",
			"op.alter_column('t', 'c', server_default=None)",
			[]string{"1 risky: removes the default of the column t.c"},
		},
		{
			"comment",
			"op.alter_column('t', 'c', comment='x', existing_nullable=False)",
			[]string{"1 harmless: changes the column t.c"},
		},
		{
			"everything",
			"op.alter_column('t', 'c', new_column_name='d', type_=sa.Text(), existing_type=sa.Date(), nullable=False)",
			[]string{
				"1 destructive: changes the type of the column t.c from Date to Text",
				"1 destructive: makes the column t.c NOT NULL", "1 destructive: renames the column t.c to d",
			},
		},
		{
			"new column, filled, then not null",
			`
op.add_column("t", sa.Column("c", sa.Text()))
op.execute("UPDATE t SET c = 'x'")
op.alter_column("t", "c", nullable=False)`,
			[]string{
				"2 harmless: adds the column t.c",
				"3 harmless: fills the new column t.c",
				"4 destructive: makes the column t.c NOT NULL",
			},
		},
		{"new column loses its default", `
op.add_column("t", sa.Column("c", sa.Text(), nullable=False, server_default=""))
op.alter_column("t", "c", server_default=None)`, []string{
			"2 harmless: adds the column t.c", "3 destructive: removes the default of the column t.c",
		}},
		{
			"new column may lose its default",
			`
op.add_column("t", sa.Column("c", sa.Text(), server_default=""))
op.alter_column("t", "c", server_default=None)
op.alter_column("t", "c", new_column_name="d")
op.drop_column("t", "d")
op.drop_column("t", "d")`,
			[]string{
				"2 harmless: adds the column t.c",
				"3 harmless: removes the default of the column t.c",
				"4 harmless: renames the column t.c to d",
				"5 harmless: drops the column t.d",
				"6 destructive: drops the column t.d",
			},
		},
		{"new column with a default, then not null", `
op.add_column("t", sa.Column("c", sa.Text(), server_default=""))
op.alter_column("t", "c", nullable=False)`, []string{
			"2 harmless: adds the column t.c", "3 harmless: makes the column t.c NOT NULL",
		}},
	})
}

func TestAlembicTypes(t *testing.T) {
	var examples []example
	for change, grade := range map[[2]string]string{
		{"sa.String(80)", "sa.String(40)"}:                                          "destructive",
		{"sa.String(length=40)", "sa.String(80)"}:                                   "harmless",
		{"sa.String(80)", "sa.VARCHAR(80)"}:                                         "harmless",
		{"sa.String(80)", "sa.Text()"}:                                              "harmless",
		{"sa.String(80)", "sa.String"}:                                              "harmless",
		{"sa.Text()", "sa.String(80)"}:                                              "destructive",
		{"sa.Text()", "sa.String()"}:                                                "harmless",
		{"sa.Text", "sa.Unicode(1_000)"}:                                            "destructive",
		{"sa.String(80)", "sa.String(LENGTH)"}:                                      "destructive",
		{"sa.BigInteger()", "sa.Integer()"}:                                         "destructive",
		{"sa.Integer()", "sa.SmallInteger()"}:                                       "destructive",
		{"sa.SmallInteger()", "sa.BigInteger()"}:                                    "harmless",
		{"sa.INTEGER()", "sa.Integer()"}:                                            "harmless",
		{"sa.Numeric(10, 2)", "sa.Numeric(8, 2)"}:                                   "destructive",
		{"sa.Numeric(10, 2)", "sa.Numeric(10, 4)"}:                                  "destructive",
		{"sa.Numeric(10, 2)", "sa.Numeric(precision=12, scale=4)"}:                  "harmless",
		{"sa.Numeric(10, 4)", "sa.Numeric(10, 2)"}:                                  "destructive",
		{"sa.Numeric(10, 4)", "sa.Numeric()"}:                                       "harmless",
		{"sa.Numeric()", "sa.Numeric(10, 4)"}:                                       "destructive",
		{"sa.Integer()", "sa.Numeric(12, 2)"}:                                       "destructive",
		{"sa.Integer()", "sa.Numeric(5, 2)"}:                                        "destructive",
		{"sa.Numeric(4)", "sa.Integer()"}:                                           "destructive",
		{"sa.Numeric(4, 2)", "sa.Integer()"}:                                        "destructive",
		{"sa.Numeric(4, 2)", "sa.Float()"}:                                          "destructive",
		{"sa.DateTime()", "sa.Date()"}:                                              "destructive",
		{"sa.Date()", "sa.DateTime()"}:                                              "destructive",
		{"sa.DateTime(timezone=True)", "sa.DateTime()"}:                             "destructive",
		{"sa.TIMESTAMP(True)", "sa.DateTime(timezone=False)"}:                       "destructive",
		{"sa.DateTime()", "sa.DateTime(timezone=True)"}:                             "risky",
		{"sa.DateTime(timezone=True)", "postgresql.TIMESTAMP(timezone=True)"}:       "harmless",
		{"sa.Float()", "sa.Integer()"}:                                              "destructive",
		{"sa.Integer()", "sa.Float()"}:                                              "destructive",
		{"sa.BigInteger()", "sa.Double()"}:                                          "destructive",
		{"sa.Double()", "sa.REAL()"}:                                                "destructive",
		{"sa.REAL()", "sa.Double()"}:                                                "harmless",
		{"sa.JSON()", "postgresql.JSONB()"}:                                         "harmless",
		{"sa.JSON()", "postgresql.JSONB(astext_type=sa.Text())"}:                    "harmless",
		{"sa.Boolean()", "sa.Integer()"}:                                            "destructive",
		{"sa.Integer()", "sa.Text()"}:                                               "destructive",
		{"sa.UUID()", "sa.UUID()"}:                                                  "harmless",
		{"app.Money()", "app.Cash()"}:                                               "destructive",
		{`sa.Enum("a", "b", name="e")`, `sa.Enum("a", "b", "c", name="e")`}:         "harmless",
		{`sa.Enum("a", "b", name="e")`, `sa.Enum("a", name="e")`}:                   "destructive",
		{`sa.Enum("a", "bb", name="e")`, `sa.String(2)`}:                            "destructive",
		{`sa.Enum("a", "bbb", name="e")`, `sa.String(2)`}:                           "destructive",
		{`sa.Enum(Mood)`, `sa.Enum(Moods)`}:                                         "destructive",
		{`sa.LargeBinary(10)`, `sa.LargeBinary()`}:                                  "harmless",
		{`sa.JSON()`, `sa.JSON().with_variant(JSONB(), "postgresql")`}:              "destructive",
		{`sa.String(80).with_variant(sa.Text(), "sqlite")`, `sa.String(length=80)`}: "destructive",
	} {
		examples = append(examples, example{
			change[0] + " " + change[1],
			"op.alter_column('t', 'c', existing_type=" + change[0] + ", type_=" + change[1] + ")",
			[]string{grade},
		})
	}
	var contents []string
	for _, each := range examples {
		contents = append(contents, each.content)
	}
	for i, got := range read(t, "a.py", contents...) {
		if len(got.Operations) != 1 || string(got.Operations[0].Grade) != examples[i].want[0] ||
			!strings.HasPrefix(got.Operations[0].What, "changes the type of the column t.c from ") {
			t.Errorf("%s: %+v; expected %s", contents[i], got.Operations, examples[i].want[0])
		}
	}
	run(t, "a.py", []example{
		{"unknown before", "op.alter_column('t', 'c', type_=sa.BigInteger())", []string{
			"1 destructive: changes the type of the column t.c to BigInteger",
		}},
		{
			"unknown before, to text",
			"op.alter_column('t', 'c', type_=sa.Text())",
			[]string{"1 risky: changes the type of the column t.c to Text"},
		},
		{
			"shown",
			"op.alter_column('t', 'c', type_=sa.String(length = 4), existing_type=sa.types.VARCHAR(\n5))",
			[]string{
				"1 destructive: changes the type of the column t.c from VARCHAR( 5) to String(length = 4)",
			},
		},
		{
			"a constant",
			"N = 9\ndef upgrade():\n  op.alter_column('t', 'c', type_=sa.String(N), existing_type=sa.String(8))",
			[]string{
				"3 harmless: changes the type of the column t.c from String(8) to String(N)",
			},
		},
	})
}

func TestAlembicConstraints(t *testing.T) {
	run(t, "a.py", []example{
		{
			"index",
			"op.create_index('i', 't', ['a', sa.text('lower(b)')])",
			[]string{"1 harmless: creates the index i on t"},
		},
		{
			"unique index",
			"op.create_index('i', 't', ['a'], unique=True)",
			[]string{"1 risky: creates the unique index i on t"},
		},
		{
			"no unique index",
			"op.create_index('i', 't', ['a'], unique=False)",
			[]string{"1 harmless: creates the index i on t"},
		},
		{
			"unique perhaps",
			"op.create_index(index_name='i', table_name='t', columns=['a'], unique=strict)",
			[]string{"1 risky: creates the unique index i on t"},
		},
		{
			"unique index of a new column",
			"op.add_column('t', sa.Column('c'))\nop.create_index('i', 't', ['c', 'd'], unique=True)",
			[]string{
				"1 harmless: adds the column t.c", "2 harmless: creates the unique index i on t",
			},
		},
		{
			"unique index of a new column with a default",
			"op.add_column('t', sa.Column('c', server_default='0'))\nop.create_index('i', 't', ['c'], unique=True)",
			[]string{
				"1 harmless: adds the column t.c", "2 risky: creates the unique index i on t",
			},
		},
		{
			"unique index of a filled column",
			"op.add_column('t', sa.Column('c'))\nop.execute('UPDATE t SET c = 1')\nop.create_index('i', 't', " +
				"['c'], unique=True)",
			[]string{
				"1 harmless: adds the column t.c",
				"2 harmless: fills the new column t.c",
				"3 risky: creates the unique index i on t",
			},
		},
		{
			"unique",
			"op.create_unique_constraint(None, 't', ['a'])",
			[]string{"1 risky: adds the unique constraint to t"},
		},
		{
			"check",
			"op.create_check_constraint('k', 't', 'a > 0')",
			[]string{"1 risky: adds the check constraint k to t"},
		},
		{
			"foreign key",
			"op.create_foreign_key('f', 'a', 'b', ['b_id'], ['id'])",
			[]string{"1 risky: adds the foreign key f to a"},
		},
		{
			"foreign key by keyword",
			"op.create_foreign_key(constraint_name=op.f('f'), source_table='a', referent_table='b', " +
				"local_cols=['x'], remote_cols=['y'], source_schema='s')",
			[]string{
				"1 risky: adds the foreign key f to s.a",
			},
		},
		{
			"foreign key of a new column",
			"op.add_column('a', sa.Column('b_id'))\nop.create_foreign_key('f', 'a', 'b', ['b_id'], ['id'])",
			[]string{
				"1 harmless: adds the column a.b_id", "2 harmless: adds the foreign key f to a",
			},
		},
		{"primary key", "op.create_primary_key('p', 't', ['a'])", []string{"1 risky: adds the primary key p to t"}},
		{
			"exclusion",
			"op.create_exclude_constraint('x', 't', ('a', '&&'))",
			[]string{"1 risky: adds the exclusion constraint x to t"},
		},
		{
			"drop",
			"op.drop_constraint('u', 't', type_='unique')\nop.drop_constraint(constraint_name='v', table_name='t')",
			[]string{
				"1 harmless: drops the constraint u of t", "2 harmless: drops the constraint v of t",
			},
		},
		{
			"drop index",
			"op.drop_index('i')\nop.drop_index('j', 't')\nop.drop_index(index_name='k', table_name='t')",
			[]string{
				"1 harmless: drops the index i",
				"2 harmless: drops the index j of t",
				"3 harmless: drops the index k of t",
			},
		},
	})
}

func TestAlembicBatches(t *testing.T) {
	run(t, "a.py", []example{
		{
			"batch",
			`
with op.batch_alter_table("t") as batch_op:
    batch_op.add_column(sa.Column("c", sa.Integer(), nullable=False))
    batch_op.drop_column("d")
    batch_op.alter_column("e", new_column_name="f")
    batch_op.create_index("i", ["c"], unique=True)
    batch_op.drop_index(batch_op.f("j"))
    batch_op.create_unique_constraint("u", ["c"])
    batch_op.create_foreign_key("k", "other", ["c"], ["id"])
    batch_op.create_check_constraint("z", "c > 0")
    batch_op.create_primary_key("p", ["c"])
    batch_op.drop_constraint("x", type_="unique")
    batch_op.create_table_comment("text")`,
			[]string{
				"3 destructive: adds the column t.c, NOT NULL and without a default",
				"4 destructive: drops the column t.d",
				"5 destructive: renames the column t.e to f",
				"6 risky: creates the unique index i on t",
				"7 harmless: drops the index j of t",
				"8 risky: adds the unique constraint u to t",
				"9 risky: adds the foreign key k to t",
				"10 risky: adds the check constraint z to t",
				"11 risky: adds the primary key p to t",
				"12 harmless: drops the constraint x of t",
				"13 harmless: changes the table t",
			},
		},
		{
			"schema and another name",
			"with op.batch_alter_table('t', schema='s', recreate='always') as b:\n\tb.drop_column(column_name='c')",
			[]string{
				"2 destructive: drops the column s.t.c",
			},
		},
		{
			"several",
			"with op.batch_alter_table('a') as a, op.batch_alter_table('b') as b:\n    a.drop_column('x')\n    " +
				"b.drop_column('y')",
			[]string{
				"2 destructive: drops the column a.x", "3 destructive: drops the column b.y",
			},
		},
		{
			"several in parentheses",
			"with (\n    op.batch_alter_table('a') as a,\n    op.batch_alter_table(table_name='b') as b,\n):\n    " +
				"a.drop_column('x'); b.drop_column('y')",
			[]string{
				"5 destructive: drops the column a.x", "5 destructive: drops the column b.y",
			},
		},
		{
			"nested",
			"with op.batch_alter_table('a') as a:\n  with op.batch_alter_table('b') as b:\n    " +
				"a.drop_column('x')\n    b.drop_column('y')\n  a.drop_column('z')",
			[]string{
				"3 destructive: drops the column a.x",
				"4 destructive: drops the column b.y",
				"5 destructive: drops the column a.z",
			},
		},
		{
			"one after the other",
			"with op.batch_alter_table('a') as batch_op:\n    batch_op.drop_column('x')\nwith " +
				"op.batch_alter_table('b') as batch_op: batch_op.drop_column('x')",
			[]string{
				"2 destructive: drops the column a.x", "3 destructive: drops the column b.x",
			},
		},
		{"own table", "op.create_table('t')\nwith op.batch_alter_table('t') as b:\n    b.drop_column('c')", []string{
			"1 harmless: creates the table t", "3 harmless: drops the column t.c",
		}},
		{
			"a helper's",
			"def upgrade():\n    with op.batch_alter_table('t') as b:\n        _it(b)\ndef _it(batch):\n    " +
				"batch.drop_column('c')\n    batch.append(1)",
			[]string{
				"5 destructive: drops the column {?}.c",
			},
		},
		{
			"without a name",
			"op.batch_alter_table('t').drop_column('c')",
			[]string{"1 destructive: drops the column {?}.c"},
		},
	})
}

func TestAlembicStatements(t *testing.T) {
	const unreadable = "risky: runs SQL that the migration computes"
	run(t, "a.py", []example{
		{"literal", `op.execute("DROP TABLE t")`, []string{"1 destructive: drops the table t"}},
		{
			"keyword",
			`op.execute(sqltext="DROP TABLE t", execution_options={})`,
			[]string{"1 destructive: drops the table t"},
		},
		{
			"text",
			`op.execute(sa.text("DELETE FROM t WHERE a = :a").bindparams(a=1))`,
			[]string{"1 destructive: deletes rows of the table t"},
		},
		{"lines", "op.execute(\n    '''\n    UPDATE t SET a = 1;\n\n    DROP TABLE u\n    '''\n)", []string{
			"3 risky: changes rows of the table t", "5 destructive: drops the table u",
		}},
		{
			"side by side",
			"op.execute(\n    'ALTER TABLE t '  # DROP COLUMN x\n    'DROP COLUMN a, '\n    'DROP COLUMN b'\n)",
			[]string{
				"2 destructive: drops the column t.a", "2 destructive: drops the column t.b",
			},
		},
		{"nothing", "op.execute('')", nil},
		{"continued", "op.execute('ALTER TABLE t \\\nDROP COLUMN a')", []string{"1 destructive: drops the column t.a"}},
		{
			"added",
			"op.execute('DROP TABLE ' + prefix + '_old')",
			[]string{"1 destructive: drops the table {prefix}_old"},
		},
		{"escapes", `op.execute('DROP\x20TABLE\n"t\u0061"')`, []string{"1 destructive: drops the table ta"}},
		{"raw", `op.execute(r"SELECT '\'; DROP TABLE t; --'")`, []string{"1 destructive: drops the table t"}},
		{
			"f-string",
			`op.execute(f"ALTER TABLE {t} DROP COLUMN {c['x']}")`,
			[]string{"1 destructive: drops the column {t}.{c['x']}"},
		},
		{
			"f-string with braces",
			`op.execute(f"UPDATE t SET a = '{{}}'")`,
			[]string{"1 risky: changes rows of the table t"},
		},
		{"f-string of only a value", `op.execute(f"{sql}")`, []string{"1 risky: runs {sql}"}},
		{"format", `op.execute("DROP TABLE {}".format(t))`, []string{"1 destructive: drops the table {}"}},
		{"percent", `op.execute("DROP TABLE %s" % t)`, []string{"1 destructive: drops the table %s"}},
		{"join", `op.execute("; ".join(all))`, []string{"1 " + unreadable}},
		{"variable", "sql = 'DROP TABLE t'\nop.execute(sa.text(sql))", []string{"1 destructive: drops the table t"}},
		{
			"variable under conditions",
			"if a:\n    sql = 'DROP TABLE t'\nelse:\n    sql = 'DELETE FROM t'\nop.execute(sql)",
			[]string{
				"2 destructive: drops the table t", "4 destructive: deletes rows of the table t",
			},
		},
		{"unpacked", "a, b = 'SELECT 1', 'SELECT 2'\nop.execute(a)", []string{"2 " + unreadable}},
		{
			"connection or another",
			"(c or op.get_bind()).execute('DROP TABLE t')",
			[]string{"1 destructive: drops the table t"},
		},
		{"in a subscript", "x[op.drop_table('t')].y()", []string{"1 destructive: drops the table t"}},
		{"variable assigned again", "sql = 'DROP TABLE t'\nsql = 'SELECT 1'\nop.execute(sql)", nil},
		{"variable that grows", "sql = 'SELECT 1'\nsql += more\nop.execute(sql)", []string{"3 " + unreadable}},
		{
			"variable of another function",
			"def upgrade():\n    sql = 'SELECT 1'\n    _other()\n    op.execute(sql)\ndef _other():\n    sql = " +
				"'DROP TABLE t'\n",
			nil,
		},
		{
			"parameter",
			"sql = 'SELECT 1'\ndef upgrade(): run('DROP TABLE t')\ndef run(sql): op.execute(sql)",
			[]string{"3 " + unreadable},
		},
		{
			"constant",
			"SQL = \"\"\"\nDROP TABLE t\n\"\"\"\ndef upgrade():\n    op.execute(SQL)",
			[]string{"2 destructive: drops the table t"},
		},
		{
			"names in circles",
			strings.Repeat("if a: x = sa.text(x)\nif b: x = y\nif c: y = x\n", 500) + "op.execute(x)",
			[]string{"1501 " + unreadable},
		},
		{
			"list of statements",
			"ALL = ['DROP TABLE a',\n  'DROP TABLE b']\ndef upgrade():\n    for each in ALL:\n        op.execute(each)",
			[]string{
				"1 destructive: drops the table a", "2 destructive: drops the table b",
			},
		},
		{
			"computed",
			"op.execute(build())\nop.execute(a if b else c)\nop.execute(*args)",
			[]string{"1 " + unreadable, "2 " + unreadable, "3 " + unreadable},
		},
		{
			"connection",
			"bind = op.get_bind()\nbind.execute(sa.text('DROP TABLE t'))\nop.get_bind().exec_driver_sql('DROP " +
				"TABLE u')",
			[]string{
				"2 destructive: drops the table t", "3 destructive: drops the table u",
			},
		},
		{
			"select",
			"c.execute(sa.select(t)).all()\nc.execute('SELECT 1').scalar()\nc.scalar(select(sa.func.count()))",
			nil,
		},
		{"update", "c.execute(sa.update(t).where(t.c.a == 1).values(b=2))\nc.execute(t.update().values(x))", []string{
			"1 risky: changes rows of the table t", "2 risky: changes rows of the table t",
		}},
		{
			"update of a new column",
			"op.add_column('t', sa.Column('b'))\nt = sa.table('t', sa.column('b'))\nop.execute(t.update().values(b=2))",
			[]string{
				"1 harmless: adds the column t.b", "3 harmless: fills the new column t.b",
			},
		},
		{
			"delete",
			"t = sa.table('orders')\nc.execute(sa.delete(t))\nc.execute(t.delete().where(x))\nstmt = delete(t)\n" +
				"c.execute(stmt)",
			[]string{
				"2 destructive: deletes rows of the table orders",
				"3 destructive: deletes rows of the table orders",
				"5 destructive: deletes rows of the table orders",
			},
		},
		{
			"delete of the own table",
			"t = op.create_table('t')\nop.bulk_insert(t, [{}])\nop.execute(t.delete())",
			[]string{
				"1 harmless: creates the table t",
				"2 harmless: adds rows to the table t",
				"3 harmless: deletes rows of the table t",
			},
		},
		{"insert", "c.execute(sa.insert(t), rows)\nc.execute(insert(t).values(a=1).on_conflict_do_update(b))", []string{
			"1 harmless: adds rows to the table t", "2 risky: adds rows to the table t or changes those that are there",
		}},
		{
			"bulk insert",
			"op.bulk_insert(sa.table('t', sa.column('a')), [{'a': 'op.drop_table(1)'}])",
			[]string{"1 harmless: adds rows to the table t"},
		},
		{
			"elements",
			"op.execute(sa.schema.CreateSequence(sa.Sequence('s')))\nop.execute(DropSequence(Sequence('q')))\n" +
				"op.execute(DropTable(t))",
			[]string{
				"1 harmless: creates the sequence s",
				"2 destructive: drops the sequence q",
				"3 destructive: drops the table t",
			},
		},
		{
			"session",
			"session.query(User).filter(x).delete()\nsession.query(User).update({})\nself.session.delete(u)\n" +
				"session.commit()\nd.update(x)\nd.delete(x)",
			[]string{
				"1 destructive: deletes rows of the table User", "2 risky: changes rows of the table User",
				"3 destructive: deletes rows through a session", "4 risky: changes rows through a session",
			},
		},
		{
			"types",
			"mood = sa.Enum('a', name='mood')\nmood.create(op.get_bind(), checkfirst=True)\n" +
				"mood.drop(op.get_bind())\nframe.drop('c')\nBase.metadata.drop_all(bind=b)",
			[]string{
				"2 harmless: creates the type mood",
				"3 destructive: drops the type mood",
				"5 destructive: drops the tables of Base",
			},
		},
		{
			"rebuild",
			"op.execute('CREATE TABLE n (a)')\nop.execute('INSERT INTO n SELECT a FROM t')\nop.execute('DROP " +
				"TABLE t')\nop.rename_table('n', 't')",
			[]string{
				"1 risky: rebuilds the table t",
			},
		},
	})
}

func TestAlembicFunctions(t *testing.T) {
	run(t, "a.py", []example{
		{
			"downgrade",
			"def upgrade():\n    pass\n\ndef downgrade():\n    op.drop_table('t')\n    if x:\n        " +
				"op.drop_table('u')\n\nop.drop_table('v')",
			[]string{
				"9 destructive: drops the table v",
			},
		},
		{
			"helpers",
			"def upgrade():\n    _up()\ndef downgrade():\n    _down()\n    _both()\ndef _up():\n    _both()\n    " +
				"op.drop_table('a')\ndef _down():\n    _deeper()\ndef _deeper():\n    op.drop_table('b')\ndef " +
				"_both():\n    op.drop_table('c')\ndef _unused():\n    op.drop_table('d')",
			[]string{
				"8 destructive: drops the table a",
				"14 destructive: drops the table c",
				"16 destructive: drops the table d",
			},
		},
		{
			"order of running",
			"def _late():\n    op.drop_table('t')\ndef upgrade():\n    op.create_table('t')\n    _late()",
			[]string{
				"2 harmless: drops the table t", "4 harmless: creates the table t",
			},
		},
		{
			"several databases",
			"def upgrade(engine):\n    globals()['upgrade_' + engine]()\ndef upgrade_a():\n    " +
				"op.drop_table('a')\ndef downgrade_a():\n    op.drop_table('b')",
			[]string{
				"4 destructive: drops the table a",
			},
		},
		{
			"several databases that share a helper",
			"def upgrade(engine):\n    globals()['upgrade_' + engine]()\ndef downgrade_a():\n    _both()\ndef " +
				"upgrade_a():\n    _both()\ndef _both():\n    op.drop_table('a')",
			[]string{"8 destructive: drops the table a"},
		},
		{
			"upgrade goes down",
			"def upgrade():\n    downgrade()\ndef downgrade():\n    op.drop_table('a')",
			[]string{"4 destructive: drops the table a"},
		},
		{
			"class",
			"class M:\n    def upgrade(self):\n        op.drop_table('a')\n\n    def downgrade(self):\n        " +
				"op.drop_table('b')\n\n    async def other(self): op.drop_table('c')\n",
			[]string{
				"3 destructive: drops the table a", "8 destructive: drops the table c",
			},
		},
		{
			"methods of that name",
			"class Shop:\n    def drop_table(self, name):\n        self.drop_column(name)\n        " +
				"shop.op.drop_table('x')\n",
			nil,
		},
		{
			"nested",
			"def upgrade():\n    def inner():\n        op.drop_table('a')\n    inner()\n    op.drop_table('b')\n  " +
				"# odd\ndef downgrade():\n    def inner2():\n        op.drop_table('c')\n    inner2()",
			[]string{
				"3 destructive: drops the table a", "5 destructive: drops the table b",
			},
		},
		{
			"recursion",
			"def upgrade():\n    upgrade()\n    a()\ndef a(): b()\ndef b(): a(); op.drop_table('t')",
			[]string{"5 destructive: drops the table t"},
		},
		{
			"on one line",
			"def upgrade(a: int = (lambda: 1)(), b={'x': 1}) -> None: op.drop_table('a'); op.drop_table('b')",
			[]string{
				"1 destructive: drops the table a", "1 destructive: drops the table b",
			},
		},
		{
			"other names for op",
			"from alembic import context, op as o\nimport alembic\no.drop_table('a')\nalembic.op.drop_table('b')\n" +
				"op.drop_table('c')\nx.op.drop_table('d')\nxop.drop_table('e')",
			[]string{
				"3 destructive: drops the table a",
				"4 destructive: drops the table b",
				"5 destructive: drops the table c",
			},
		},
	})
}

func TestAlembicText(t *testing.T) {
	const drops = "destructive: drops the table t"
	run(t, "a.py", []example{
		{"empty", "", nil},
		{"comment", "# op.drop_table('t')\nx = 1 # op.drop_table('t')", nil},
		{"docstring", "\"\"\"\nop.drop_table('t')\n\"\"\"\ndef upgrade():\n    '''op.drop_table('t')'''", nil},
		{"string", "x = 'op.drop_table(\"t\")' \"\"\"' op.drop_table('t') '\"\"\"", nil},
		{"strings with brackets", "x = ['(', \"[\", '''{''', ')']\nop.drop_table('t')", []string{"2 " + drops}},
		{
			"quotes in strings",
			`x = 'a\'op.drop_table("t")' + "b\"" + r'\\'` + "\nop.drop_table('t')",
			[]string{"2 " + drops},
		},
		{"comment in brackets", "op.drop_table(  # ('\n    't'  # )\n)", []string{"1 " + drops}},
		{"prefixes", "x = rb'\\\\' + Rb\"\"\"op.\"\"\" + f'{a}' + u''\nop.drop_table(u't')", []string{"2 " + drops}},
		{"spaces", "op . drop_table (\n't'\n)", []string{"1 " + drops}},
		{"continued", "op \\\n  .drop_table('t')", []string{"1 " + drops}},
		{
			"in an expression",
			"x = [op.drop_table('t') for _ in y] if z else {1: op.drop_table('t')}",
			[]string{"1 " + drops},
		},
		{
			"in arguments",
			"print(op.drop_table('t'), x=op.drop_table('u'))",
			[]string{"1 destructive: drops the table t", "1 destructive: drops the table u"},
		},
		{"not a call", "op.drop_table\nf(op.drop_table)", nil},
		{"CRLF", "def upgrade():\r\n    '''a\r\n    b'''\r\n    op.drop_table('t')\r\n", []string{"4 " + drops}},
		{"CR", "x = 1\rop.drop_table('t')", []string{"2 " + drops}},
		{"BOM", "\uFEFFop.drop_table('t')", []string{"1 " + drops}},
		{
			"tabs",
			"def upgrade():\n\tif x:\n\t\top.drop_table('t')\n\top.drop_table('u')",
			[]string{"3 " + drops, "4 destructive: drops the table u"},
		},
		{"no newline", "def upgrade():\n    op.drop_table('t')", []string{"2 " + drops}},
		{
			"names that mislead",
			"op.drop_table('t\\n\\x1b[31m')\nop.drop_table('" + strings.Repeat("x", 500) + "')",
			[]string{
				"1 destructive: drops the table t [31m",
				"2 destructive: drops the table " + strings.Repeat("x", 78) + "…",
			},
		},
	})
}
