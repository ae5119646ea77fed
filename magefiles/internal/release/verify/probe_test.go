package verify

import (
	"encoding/json"
	"testing"
)

func TestHolds(t *testing.T) {
	for _, each := range []struct {
		listed, wanted string
		holds          bool
	}{
		{`[{"id": 1, "name": "a", "model": "b"}]`, `{"name": "a", "model": "b"}`, true},
		{`{"items": [{"name": "x"}, {"name": "a", "model": "b"}], "total": 2}`, `{"name": "a", "model": "b"}`, true},
		{
			`{"1": {"name": "a", "tags": ["x"], "at": {"row": 1.0, "column": 2}}}`,
			`{"tags": ["x"], "at": {"row": 1}}`,
			true,
		},
		{`[{"name": "a", "model": null}, {"name": "x", "model": "b"}]`, `{"name": "a", "model": "b"}`, false},
		{`[{"name": "a"}]`, `{"name": "a", "model": null}`, false},
		{`[]`, `{"name": "a"}`, false},
		{`null`, `{"name": "a"}`, false},
		{`["a", "b"]`, `"b"`, true},
		{`[[1, 2]]`, `[1, 2]`, true},
	} {
		var listed, wanted any
		if err := json.Unmarshal([]byte(each.listed), &listed); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(each.wanted), &wanted); err != nil {
			t.Fatal(err)
		}
		if got := holds(listed, wanted); got != each.holds {
			t.Errorf("%s in %s: %v", each.wanted, each.listed, got)
		}
	}
}
