package git_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/source/git"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

// TestUsesLFS reads the attributes of the whole repository, of which the app is a folder.
func TestUsesLFS(t *testing.T) {
	clone := testkit.NewClone(t)
	shop := filepath.Join(clone.Dir, "apps", "shop")
	if err := errors.Join(os.MkdirAll(shop, 0o755), os.Mkdir(filepath.Join(clone.Dir, "models"), 0o755)); err != nil {
		t.Fatal(err)
	}
	repo := git.Repo{Dir: shop, Run: testkit.Runner()}
	for _, each := range []struct {
		attributes string
		want       bool
	}{
		{"*.txt text\n", false},
		{"# *.onnx filter=lfs\n", false},
		{"*.onnx filter=lfs-not\n", false},
		{"*.onnx filter=lfs diff=lfs merge=lfs -text\n", true},
	} {
		clone.Write("models/.gitattributes", each.attributes)
		clone.Git("add", ".")
		clone.Git("commit", "-q", "-m", "feat: attributes")
		if uses, err := repo.Content().UsesLFS(t.Context(), "HEAD"); err != nil || uses != each.want {
			t.Errorf("%s: %t, %v", each.attributes, uses, err)
		}
	}
	if _, err := repo.Content().UsesLFS(t.Context(), "nothing"); err == nil {
		t.Error("a revision that does not exist")
	}
}
