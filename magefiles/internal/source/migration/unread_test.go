package migration_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/source/migration"
)

// TestUnreadable reads text that is not Python. Its effect is unknown.
func TestUnreadable(t *testing.T) {
	contents := []string{
		"DROP TABLE x",
		"op.drop_table('t'\nop.drop_table('u')\n",
		"x = 'a\nop.drop_table('t')",
		"x = 1\n'''\nop.drop_table('t')",
		"x = f'{a\nop.drop_table('t')",
		"x = ))]}\nop.drop_table('t')",
		"op.create_table('t')\x00",
		"def upgrade():\n\tif x:\n\t\top.drop_table('t')\n        op.drop_table('u')",
		strings.Repeat("(", 100_000) + "op.drop_table('t')" + strings.Repeat(")", 100_000),
		"x = 'a'" + strings.Repeat(" + 'a'", 20_000),
	}
	for i, got := range read(t, "a.py", contents...) {
		if got.Unread == "" || len(got.Operations) != 1 || got.Operations[0].Grade != migration.Risky ||
			got.Operations[0].What != "cannot be read" || got.Operations[0].Why != got.Unread {
			t.Errorf("%.100q: %+v", contents[i], got)
		}
	}
}

// TestPrefixes cuts a migration at any place: each prefix is read or counts as risky.
func TestPrefixes(t *testing.T) {
	const whole = `"""Title"""
from alembic import op as o
revision = '1'
down_revision = ('0', 'a')
def upgrade(x=lambda: 1):
    for s in ['DROP TABLE t', rb'\x41' """
"""]:
        c.execute(sa.text(s % (a, {1: lambda: 2})))
    with op.batch_alter_table('t') as b, op.batch_alter_table('u') as c:
        b.alter_column('x', type_=sa.Numeric(3, 2), existing_type=sa.Enum('a', name=f"{n}"))
    if y: x = sa.table('u')
    op.execute(x.update().values(a=1)); z[0].a(*b, **c)
    op.execute('a' + b + f'c{d!r:>{e}}' 'g' "\
h")
`
	var contents []string
	for end := range len(whole) {
		contents = append(contents, whole[:end])
	}
	for i, got := range read(t, "a.py", contents...) {
		if got.Unread != "" && (len(got.Operations) != 1 || got.Operations[0].Grade != migration.Risky) {
			t.Errorf("%q: %+v", contents[i], got)
		}
	}
}

func TestWithoutPython(t *testing.T) {
	files := []migration.File{
		{
			Path:    "a.py",
			Content: []byte("op.create_table('t')"),
		},
		{Path: "b.sql", Content: []byte("CREATE TABLE t (a int)")},
		{Path: "c.py"},
	}
	for answer, failure := range map[string]error{
		"": errors.New("python3 is not in PATH"), "Traceback": nil, "[]": nil, "[{}]": nil,
		`[{}, {"operations": 1}]`: nil, "{}": nil,
	} {
		calls := 0
		got, err := migration.Read(t.Context(), func(context.Context, string, []byte) ([]byte, error) {
			calls++
			return []byte(answer), failure
		}, files...)
		if err != nil || calls != 1 {
			t.Fatalf("%q: %d calls, error %v; expected 1 call", answer, calls, err)
		}
		for _, i := range []int{0, 2} {
			if got[i].Unread == "" || len(got[i].Operations) != 1 || got[i].Operations[0].Grade != migration.Risky {
				t.Errorf("%q: %s is %+v, expected a risk", answer, files[i].Path, got[i])
			}
		}
		if len(got[1].Operations) != 1 || got[1].Operations[0].Grade != migration.Harmless {
			t.Errorf("%q: the SQL is %+v", answer, got[1])
		}
	}
}

func TestPythonIsNotNeeded(t *testing.T) {
	none := func(context.Context, string, []byte) ([]byte, error) {
		t.Error("Python was started without a migration of Alembic")
		return nil, nil
	}
	if _, err := migration.Read(t.Context(), none, migration.File{Path: "a.sql"}); err != nil {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := migration.Read(ctx, python, migration.File{Path: "a.py"}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: error %v", err)
	}
}
