package snapshot

import "testing"

// TestViewHas checks files of the app, and of the repository outside of it.
func TestViewHas(t *testing.T) {
	side := View{Without: []string{"frontend"}}
	apart := View{Without: []string{"frontend"}, Apart: true, Beside: []string{"libs/common", "pyproject.toml"}}
	for _, test := range []struct {
		path        string
		side, apart bool
	}{
		{"backend/app.py", true, true}, {"frontend/src/a.ts", false, false}, {"frontends/a.ts", true, true},
		{"/README.md", true, false}, {"/frontend/a.ts", true, false}, {"/libs/common/a.py", true, true},
		{"/libs/common", true, true}, {"/libs/commons/a.py", true, false}, {"/pyproject.toml", true, true},
		{"pyproject.toml", true, true}, {"libs/other", true, true},
	} {
		if side.Has(test.path) != test.side || apart.Has(test.path) != test.apart {
			t.Errorf("%s: %v and %v", test.path, side.Has(test.path), apart.Has(test.path))
		}
		if (View{Nothing: true, Apart: true, Beside: []string{"libs"}}).Has(test.path) {
			t.Errorf("%s is in nothing", test.path)
		}
	}
}
