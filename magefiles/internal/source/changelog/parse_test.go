package changelog

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for message, want := range map[string]Change{
		"feat: add printers": {Type: "feat", Description: "add printers"},
		"Feat(API)!: drop v0 (#41)": {
			Type:        "feat",
			Scopes:      []string{"API"},
			Description: "drop v0 (#41)",
			Breaking:    []string{"drop v0 (#41)"},
		},
		"fix(database/models, core+ui.x): a: b": {
			Type:        "fix",
			Scopes:      []string{"database/models", "core+ui.x"},
			Description: "a: b",
		},
		"conductor(track): done — `x` → y": {
			Type:        "conductor",
			Scopes:      []string{"track"},
			Description: "done — `x` → y",
		},
		"release: v1.9.3\r\n\r\nnotes\r\n": {Type: "release", Description: "v1.9.3"},
		"\n\nfix: late subject":            {Type: "fix", Description: "late subject"},
		"Update README":                    {Description: "Update README"},
		"fix:no space":                     {Description: "fix:no space"},
		"fix(): empty scope":               {Type: "fix", Description: "empty scope"},
		"":                                 {},
		"two words: x":                     {Description: "two words: x"},
		"https://example.org: x":           {Description: "https://example.org: x"},
		"fix: x\n\nRefs: #9\nSigned-off-by: A <a@b>": {
			Type:        "fix",
			Description: "x",
			Footers:     []Footer{{"Refs", "#9"}, {"Signed-off-by", "A <a@b>"}},
		},
		"fix: x\n\nFixes #12": {
			Type:        "fix",
			Description: "x",
			Footers:     []Footer{{"Fixes", "12"}},
		},
		"fix: x\n\nNot a footer here.\n\nA: b": {Type: "fix", Description: "x", Footers: []Footer{{"A", "b"}}},
		"feat: x\n\nBREAKING CHANGE: one\n  two\n\nthree\n\nRefs: 1": {Type: "feat", Description: "x",
			Breaking: []string{
				"one\ntwo\n\nthree",
			},
			Footers: []Footer{{"BREAKING CHANGE", "one\ntwo\n\nthree"}, {"Refs", "1"}}},
		"feat!: x\n\nBREAKING-CHANGE: y": {
			Type:        "feat",
			Description: "x",
			Breaking:    []string{"y"},
			Footers:     []Footer{{"BREAKING CHANGE", "y"}},
		},
		"fix: x\n\nBREAKING: the token\nis new": {
			Type:        "fix",
			Description: "x",
			Breaking:    []string{"the token\nis new"},
			Footers:     []Footer{{"BREAKING", "the token\nis new"}},
		},
		"fix: x\n\nThis avoids a breaking change: none.": {Type: "fix", Description: "x"},
		"fix: x\n\nbreaking change: no":                  {Type: "fix", Description: "x"},
		"Revert \"feat(a): b\"\n\nThis reverts commit 0123456789abcdef0123456789abcdef01234567.\n": {
			Type: "revert", Description: "feat(a): b",
			Reverts: []string{"0123456789abcdef0123456789abcdef01234567"}},
		"revert: b\n\nThis reverts commit 0123456 and\nThis reverts commit 89abcde.": {
			Type:        "revert",
			Description: "b",
			Reverts:     []string{"0123456", "89abcde"},
		},
		"fix: x\n\nThis reverts commit 0123456.": {Type: "fix", Description: "x"},
		"feat: printers (#9)\n\n* feat(api): list them\n\nMore.\n\n* refactor!: one table\n\nBREAKING CHANGE: the " +
			"view is gone\n\n* fix: typo\n\n---------\n\nCo-authored-by: Ada " +
			"<a@b>": {Type: "feat", Description: "printers (#9)",
			Breaking: []string{
				"the view is gone",
			}, Footers: []Footer{{"Co-authored-by", "Ada <a@b>"}, {"BREAKING CHANGE", "the view is gone"}},
			Squashed: []Change{{Type: "feat", Scopes: []string{"api"}, Description: "list them"},
				{
					Type:        "refactor",
					Description: "one table",
					Breaking:    []string{"the view is gone"},
					Footers:     []Footer{{"BREAKING CHANGE", "the view is gone"}},
				},
				{Type: "fix", Description: "typo"}}},
		"Printers (#9)\n\n* feat!: list them\n* fix: typo": {Description: "Printers (#9)", Breaking: []string{
			"list them",
		},
			Squashed: []Change{
				{Type: "feat", Description: "list them", Breaking: []string{"list them"}},
				{Type: "fix", Description: "typo"},
			}},
		"docs: our types\n\n* feat!: for what breaks\n* fix: y": {Type: "docs", Description: "our types"},
		"fix: x\n\nbody\nBREAKING CHANGE: y\nand z": {
			Type:        "fix",
			Description: "x",
			Breaking:    []string{"y\nand z"},
			Footers:     []Footer{{"BREAKING CHANGE", "y\nand z"}},
		},
		"Revert \"feat: one (#12)\" (#13)\n\nReverts odin/app#12": {
			Type:        "revert",
			Description: "feat: one (#12) (#13)",
			Reverts:     []string{"#12"},
		},
		"revert: let us never again\n\nRefs: 676104e, a215868": {
			Type:        "revert",
			Description: "let us never again",
			Footers:     []Footer{{"Refs", "676104e, a215868"}},
			Reverts:     []string{"676104e", "a215868"},
		},
		"Reapply \"feat: a\"\n\nThis reverts commit 0123456.": {
			Description: "Reapply \"feat: a\"",
			Reverts:     []string{"0123456"},
		},
		"fix: x\n\n* an item: of a list\n* another": {Type: "fix", Description: "x"},
		"fix: bad \xff byte":                        {Type: "fix", Description: "bad \uFFFD byte"},
	} {
		if diff := cmp.Diff(want, Parse(message), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%q (-want +got):\n%s", message, diff)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"feat(a,b)!: c — d `e` → f: g (#1)\n\nbody\n\nBREAKING CHANGE: x\n y\n\nRefs: #1",
		"Revert \"x\"\n\nThis reverts commit 0123456.", "release: v1", "track(x/y+z.w): a", "BREAKING: a",
		"a\n\nBREAKING: b",
		"feat: x (#1)\n\n* feat(a)!: b\n\nBREAKING CHANGE: c\n\n* fix: d\n\nCo-authored-by: A <a@b>",
		"security: a subject — with an arrow → and `code`: and a second " +
			"colon", "ops(a/b+c.d, e): f", "feat: x\r\n\r\nBREAKING-CHANGE: y",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, message string) {
		change := Parse(message)
		subject, _, _ := strings.Cut(
			strings.TrimLeft(strings.ToValidUTF8(strings.ReplaceAll(message, "\r\n", "\n"), "\uFFFD"), "\n"),
			"\n",
		)
		if !utf8.ValidString(change.Description) ||
			change.Type != "revert" && !strings.Contains(subject, change.Description) ||
			strings.TrimSpace(subject) != "" && change.Description == "" && change.Type != "revert" {
			t.Errorf("%q: description %q", message, change.Description)
		}
		if strings.ContainsAny(change.Type, " \n():!") || slices.Contains(change.Scopes, "") ||
			strings.Contains(change.Description, "\n") {
			t.Errorf("%q: %+v", message, change)
		}
	})
}
