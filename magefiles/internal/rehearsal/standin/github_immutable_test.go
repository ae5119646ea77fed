package standin_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/outside/github"
)

// An immutable release keeps its files and its tag. Its title, its notes, and whether it is
// a prerelease, can be changed. Its tag can't be used again once it was deleted.
func TestImmutableRelease(t *testing.T) {
	o := options(t)
	o.Immutable = true
	c, ctx := ours(t, open(t, o)), t.Context()
	draft, err := c.Releases.CreateDraft(ctx, github.Release{Tag: "v1.0.0"})
	ok(t, err)
	asset, err := c.Releases.Upload(ctx, draft, "a.txt", "text/plain", strings.NewReader("a"), 1)
	ok(t, err)
	no, yes, name := false, true, "By another name"
	out, err := c.Releases.Edit(ctx, draft.ID, github.Edit{Draft: &no, MakeLatest: &yes})
	ok(t, err)
	if !out.Immutable {
		t.Error("it is not said to be immutable")
	}
	refused := func(err error, says string) {
		t.Helper()
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, expected %q", err, says)
		}
	}
	_, err = c.Releases.Upload(ctx, out, "b.txt", "text/plain", strings.NewReader("b"), 1)
	refused(err, "422: Cannot upload assets to an immutable release.")
	err = c.Releases.DeleteAsset(ctx, asset.ID)
	refused(err, "422: Validation Failed (Cannot delete asset from an immutable release)")
	_, err = c.Releases.Edit(ctx, out.ID, github.Edit{Draft: &yes})
	refused(err, "422")
	refused(c.Records.Delete(ctx, "tags/v1.0.0"), "422: Repository rule violations found")

	changed, err := c.Releases.Edit(ctx, out.ID, github.Edit{Name: &name, Body: &name, Prerelease: &yes})
	ok(t, err)
	if changed.Name != name || changed.Body != name || !changed.Prerelease || !changed.Immutable {
		t.Errorf("%+v", changed)
	}
	ok(t, c.Releases.DeleteRelease(ctx, out.ID))
	ok(t, c.Records.Delete(ctx, "tags/v1.0.0"))
	_, err = c.Releases.CreateDraft(ctx, github.Release{Tag: "v1.0.0"})
	if !errors.Is(err, github.ErrBurned) {
		t.Error(err)
	}
}

// A record is moved by who knows where it is.
func TestRecords(t *testing.T) {
	c, ctx := ours(t, open(t, options(t))), t.Context()
	const name = "odin-release/v1.0.0"
	file := func(text string) map[string][]byte { return map[string][]byte{"release.json": []byte(text)} }
	if head, err := c.Records.Head(ctx, name); err != nil || head != "" {
		t.Errorf("%q, %v", head, err)
	}
	first, err := c.Records.Append(ctx, name, "", "first\n", file("1"))
	ok(t, err)
	if _, err := c.Records.Append(ctx, name, "", "another first\n", file("2")); !errors.Is(err, github.ErrMoved) {
		t.Errorf("%v, expected ErrMoved", err)
	}
	second, err := c.Records.Append(ctx, name, first, "second\n", file("3"))
	ok(t, err)
	if _, err := c.Records.Append(ctx, name, first, "another second\n", file("4")); !errors.Is(err, github.ErrMoved) {
		t.Errorf("%v, expected ErrMoved", err)
	}
	head, err := c.Records.Head(ctx, name)
	ok(t, err)
	content, err := c.Code.File(ctx, "release.json", head)
	ok(t, err)
	if head != second || string(content) != "3" {
		t.Errorf("%s, expected %s; %q", head, second, content)
	}
	ok(t, c.Records.Delete(ctx, name))
	ok(t, c.Records.Delete(ctx, name))
	if _, err := c.Records.Append(ctx, name, second, "third\n", file("5")); !errors.Is(err, github.ErrMoved) {
		t.Errorf("%v, expected ErrMoved", err)
	}
}
