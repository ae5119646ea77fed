package changelog

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hughkantsime/odin-release/magefiles/internal/source/version"
)

// walk sorts commits, written newest first as "hash<parents: message", into
// releases and writes each as "tag: hash hash".
func walk(t *testing.T, tags map[string]string, lines ...string) []string {
	t.Helper()
	var marks []Mark
	for tag, commit := range tags {
		v, err := version.ParseTag(tag)
		if err != nil {
			t.Fatal(err)
		}
		marks = append(marks, Mark{Version: v, Tag: tag, Commit: commit})
	}
	var releases []string
	g := newGrouper(marks, func(release Release) error {
		hashes := make([]string, 0, len(release.Entries))
		for _, entry := range release.Entries {
			hashes = append(hashes, entry.Hash)
		}
		releases = append(releases, strings.TrimSpace(release.Tag+": "+strings.Join(hashes, " ")))
		return nil
	})
	for i, line := range lines {
		head, message, _ := strings.Cut(line, ": ")
		hash, parents, _ := strings.Cut(head, "<")
		if err := g.add(
			Commit{
				Hash:    hash,
				Parents: strings.Fields(parents),
				Message: message,
				Time:    time.Unix(int64(len(lines)-i), 0),
			},
		); err != nil {
			t.Fatal(err)
		}
	}
	if err := g.finish(); err != nil {
		t.Fatal(err)
	}
	if len(g.awaited) > 0 {
		t.Errorf("still awaited: %v", g.awaited)
	}
	return releases
}

func TestGrouper(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		tags  map[string]string
		lines []string
		want  []string
	}{
		"a line": {
			map[string]string{"v1.0.0": "b", "v1.1.0": "d"},
			[]string{"e<d: x", "d<c: x", "c<b: x", "b<a: x", "a: x"},
			[]string{": e", "v1.1.0: d c", "v1.0.0: b a"},
		},
		"nothing unreleased": {
			map[string]string{"v1.0.0": "b"},
			[]string{"b<a: x", "a: x"},
			[]string{"v1.0.0: b a"},
		},
		"a merge that says no more": {nil, []string{"m<b a: Merge", "b<a: x", "a: x"}, []string{": b a"}},
		"no tag":                    {nil, []string{"b<a: x", "a: x"}, []string{": b a"}},
		"two tags on one commit": {
			map[string]string{"v1.0.0": "b", "v1.0.1": "b"},
			[]string{"b<a: x", "a: x"},
			[]string{"v1.0.0: b a"},
		},
		"a tag off the branch": {
			map[string]string{"v1.0.0": "a", "v9.0.0": "z"},
			[]string{"b<a: x", "a: x"},
			[]string{": b", "v1.0.0: a"},
		},
		"a merged branch": {
			map[string]string{"v1.0.0": "a", "v1.1.0": "m"},
			[]string{"m<c f: Merge f", "f<e: x", "e<a: x", "c<b: x", "b<a: x", "a: x"},
			[]string{"v1.1.0: f e c b", "v1.0.0: a"},
		},
		"released on the branch": {
			map[string]string{"v1.0.0": "a", "v1.0.1": "f", "v1.1.0": "m"},
			[]string{"m<c f: Merge f", "c<b: x", "b<a: x", "f<e: x", "e<a: x", "a: x"},
			[]string{"v1.1.0: c b", "v1.0.1: f e", "v1.0.0: a"},
		},
		"two roots": {
			map[string]string{"v1.0.0": "m"},
			[]string{"c<m: x", "m<a z: Merge z", "z: x", "a: x"},
			[]string{": c", "v1.0.0: z a"},
		},
		"reverted in its release": {
			map[string]string{"v1.0.0": "aaaaaaa"},
			[]string{
				"c<bbbbbbb: Revert \"x\"\n\nThis reverts commit bbbbbbb.",
				"bbbbbbb<aaaaaaa: feat: x",
				"aaaaaaa: x",
			},
			[]string{":", "v1.0.0: aaaaaaa"},
		},
		"reverted in a later one": {
			map[string]string{"v1.0.0": "bbbbbbb"},
			[]string{"c<bbbbbbb: Revert \"x\"\n\nThis reverts commit bbbbbbb.", "bbbbbbb<a: feat: x", "a: x"},
			[]string{": c", "v1.0.0: bbbbbbb a"},
		},
		"reverted by its number": {
			nil,
			[]string{
				"c<b: Revert \"feat: x (#12)\" (#13)\n\nReverts odin/app#12",
				"b<a: feat: x (#12)",
				"a: feat: y (#1)",
			},
			[]string{": a"},
		},
		"reverted by Refs": {
			nil,
			[]string{
				"c<bbbbbbb: revert: x\n\nRefs: bbbbbbb, aaaaaaa",
				"bbbbbbb<aaaaaaa: feat: x",
				"aaaaaaa<d: fix: y",
				"d: x",
			},
			[]string{": d"},
		},
		"reverted, named twice": {
			nil,
			[]string{
				"c<bbbbbbbb: revert: x\n\nThis reverts commit bbbbbbbb.\n\nRefs: bbbbbbb",
				"bbbbbbbb<a: feat: x",
				"a: x",
			},
			[]string{": a"},
		},
		"half of it reverted": {
			nil,
			[]string{"c<bbbbbbb: revert: x\n\nRefs: bbbbbbb, fffffff", "bbbbbbb<a: feat: x", "a: x"},
			[]string{": c a"},
		},
		"reapplied": {
			nil,
			[]string{
				"d<ccccccc: Reapply \"feat: x\"\n\nThis reverts commit ccccccc.",
				"ccccccc<bbbbbbb: Revert \"feat: x\"\n\nThis reverts commit bbbbbbb.",
				"bbbbbbb: feat: x",
			},
			[]string{": bbbbbbb"},
		},
		"squashed, each is told": {
			nil,
			[]string{"b<a: Jobs (#5)\n\n* feat: list\n* fix: z", "a: feat: y (#6)\n\n* feat: list"},
			[]string{": b b b a"},
		},
		"the commit of a version": {
			map[string]string{"v1.0.0": "b"},
			[]string{"c<b: chore(release): the notes", "b<a: chore(release): 1.0.0", "a: x"},
			[]string{": c", "v1.0.0: a"},
		},
		"a revert that is reverted": {
			nil,
			[]string{
				"ddddddd<ccccccc: Revert \"Revert x\"\n\nThis reverts commit ccccccc.",
				"ccccccc<bbbbbbb: Revert \"x\"\n\nThis reverts commit bbbbbbb.",
				"bbbbbbb: feat: x",
			},
			[]string{": bbbbbbb"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := walk(t, test.tags, test.lines...)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestGrouperKeepsOnlyWhatIsOpen passes releases on as soon as they are complete.
func TestGrouperKeepsOnlyWhatIsOpen(t *testing.T) {
	t.Parallel()
	const releases, each = 200, 10
	var marks []Mark
	for i := range releases {
		v, err := version.ParseTag(fmt.Sprintf("v1.%d.0", i))
		if err != nil {
			t.Fatal(err)
		}
		marks = append(marks, Mark{Version: v, Tag: v.Tag(), Commit: fmt.Sprint((i + 1) * each)})
	}
	done := 0
	g := newGrouper(marks, func(Release) error { done++; return nil })
	for n := releases * each; n > 0; n-- {
		if err := g.add(
			Commit{
				Hash:    fmt.Sprint(n),
				Parents: []string{fmt.Sprint(n - 1)},
				Message: "x",
				Time:    time.Unix(int64(n), 0),
			},
		); err != nil {
			t.Fatal(err)
		}
		if open := releases - (n-1)/each - 1 - done; open > 1 || len(g.awaited) > 1 {
			t.Fatalf("at commit %d: %d releases held back, %d awaited", n, open, len(g.awaited))
		}
	}
	if err := g.finish(); err != nil || done != releases {
		t.Errorf("%d releases, %v", done, err)
	}
}

func TestOmittedAsASentence(t *testing.T) {
	t.Parallel()
	for want, test := range map[string]struct {
		omitted Omitted
		commits int
	}{
		"1 merge and 1 revert of 3 commits are not listed": {Omitted{OmittedMerge: 1, OmittedRevert: 1}, 3},
		"1 release commit of 1 commit is not listed":       {Omitted{OmittedRelease: 1}, 1},
		"2 merges of 9 commits are not listed":             {Omitted{OmittedMerge: 2}, 9},
		"1 merge, 2 changes that were reverted and 2 reverts of 30 commits are not listed": {
			Omitted{OmittedMerge: 1, OmittedReverted: 2, OmittedRevert: 2}, 30},
	} {
		if got := test.omitted.sentence(test.commits); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
