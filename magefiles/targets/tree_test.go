package targets

import (
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/release/plan"
)

// TestSameTree holds the jobs of a workflow to the tree of the job that planned.
func TestSameTree(t *testing.T) {
	planned := plan.Plan{Tag: "v1.8.0", Commit: "c0ffee", Tree: "1111111111"}
	other, dirty, next, unknown := planned, planned, planned, planned
	other.Tree, dirty.Tree, next.Tag, next.Tree, unknown.Tree = "2222222222", "", "v1.9.0", "3333333333", ""
	const apart = "v1.8.0 is the tree 1111111 in the job that planned it, and "
	for _, each := range []struct {
		actions     string
		before, now plan.Plan
		want        string
	}{
		{"true", planned, planned, ""},
		{"true", planned, other, apart + "2222222 in this one: the checkouts differ"},
		{"true", planned, dirty, apart + "(unknown) in this one: the checkouts differ"},
		{"true", planned, next, ""},
		{"true", unknown, planned, ""},
		{"", planned, other, ""}, // a person may change what is there from one run to the next
	} {
		t.Setenv("GITHUB_ACTIONS", each.actions)
		got := ""
		if err := sameTree(each.before, each.now); err != nil {
			got = err.Error()
		}
		if got != each.want {
			t.Errorf("%q, expected %q", got, each.want)
		}
	}
}
