package changelog_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/source/changelog"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/git"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/version"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

func parsed(t *testing.T, tag string) version.Version {
	t.Helper()
	v, err := version.ParseTag(tag)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestWritten(t *testing.T) {
	t.Parallel()
	const old = "## [1.7.0] - 2026-01-01\n\n- old\n\n[1.7.0]: https://example.org/1.7.0\n"
	for name, test := range map[string]struct{ file, want string }{
		"nothing":       {"# Changelog\n\n" + old, ""},
		"an empty file": {"", ""},
		"unreleased": {
			"# Changelog\n\n## [Unreleased]\n\nPrinters *think*.\n\n### Added\n\n- x\n\n" + old,
			"Printers *think*.\n\n### Added\n\n- x",
		},
		"unreleased, plain": {"## unreleased\r\n\r\nwords\r\n\r\n" + old, "words"},
		"its own section":   {"## Unreleased\n\nlater\n\n## 1.8.0 (2026-02-02)\n\nnow\n\n" + old, "now"},
		"its own, empty":    {"## Unreleased\n\nlater\n\n## v1.8.0\n\n" + old, ""},
		"what is generated": {
			"## v1.8.0\n\nnow\n\n" + changelog.GeneratedMark + "\n\n### Features\n\n- x\n\n" + old, "now",
		},
		"only what is generated": {"## v1.8.0\n\n" + changelog.GeneratedMark + "\n\n### Features\n\n- x\n\n" + old, ""},
		"an underlined heading":  {"1.8.0\n=====\n\nnow\n\n" + old, "now"},
		"a heading in code": {
			"## Unreleased\n\n```\n## [1.8.0]\n```\n\nit\n\n" + old, "```\n## [1.8.0]\n```\n\nit",
		},
		"a code block that is never closed": {
			"## Unreleased\n\n```\nx\n\n" + old, "```\nx",
		},
		"a commented template": {"<!--\n## Unreleased\n\nwrite here\n-->\n\n" + old, ""},
		"a comment of our own": {"## Unreleased\n\na\n<!-- odin-release: end of notes -->\nb\n\n" + old, "a\nb"},
		"the last section":     {"## Unreleased\n\nwords\n\n[a]: https://example.org\n", "words"},
	} {
		if got := changelog.Written([]byte(test.file), parsed(t, "v1.8.0")); got != test.want {
			t.Errorf("%s: %q, expected %q", name, got, test.want)
		}
	}
	if got := changelog.Written([]byte("## Unreleased\n\nx\n\n## [0.1.0]\n\ny\n"), version.Version{}); got != "x" {
		t.Errorf("of no version: %q", got)
	}
}

// What is written under Unreleased moves to the section of the version, and the notes before
// and after are the same.
func TestInsertWritten(t *testing.T) {
	t.Parallel()
	const (
		generated = "## [1.8.0] - 2026-02-02\n\n### Features\n\n- x\n"
		old       = "## [1.7.0] - 2026-01-01\n\n- old\n"
		mark      = changelog.GeneratedMark
	)
	for name, test := range map[string]struct{ how, file, want string }{
		"before": {
			"before", "# C\n\n## [Unreleased]\n\nwords\n\n" + old,
			"# C\n\n## [Unreleased]\n\n## [1.8.0] - 2026-02-02\n\nwords\n\n" + mark +
				"\n\n### Features\n\n- x\n\n" + old,
		},
		"instead": {
			"instead", "# C\n\n## [Unreleased]\n\nwords\n\n" + old,
			"# C\n\n## [Unreleased]\n\n## [1.8.0] - 2026-02-02\n\nwords\n\n" + old,
		},
		"nothing was written": {
			"instead", "# C\n\n## [Unreleased]\n\n" + old,
			"# C\n\n## [Unreleased]\n\n## [1.8.0] - 2026-02-02\n\n" + mark + "\n\n### Features\n\n- x\n\n" + old,
		},
		"no Unreleased": {
			"before", "# C\n\n" + old,
			"# C\n\n## [1.8.0] - 2026-02-02\n\n" + mark + "\n\n### Features\n\n- x\n\n" + old,
		},
		"written for the version": {
			"before", "# C\n\n## Unreleased\n\nlater\n\n## 1.8.0\n\nby hand\n\n" + old,
			"# C\n\n## Unreleased\n\nlater\n\n## 1.8.0\n\nby hand\n\n" + old,
		},
		"with the line ends of Windows": {
			"before", "# C\r\n\r\n## Unreleased\r\n\r\nwords\r\n",
			strings.ReplaceAll("# C\n\n## Unreleased\n\n## [1.8.0] - 2026-02-02\n\nwords\n\n"+mark+
				"\n\n### Features\n\n- x\n", "\n", "\r\n"),
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := changelog.InsertWritten([]byte(test.file), "1.8.0", []byte(generated), "", test.how)
			if err != nil || string(got) != test.want {
				t.Errorf("%v:\n%q, expected\n%q", err, got, test.want)
			}
			v := parsed(t, "v1.8.0")
			if before, after := changelog.Written([]byte(test.file), v), changelog.Written(got, v); before != after {
				t.Errorf("the notes were %q before it is tagged, and %q after", before, after)
			}
			again, err := changelog.InsertWritten(got, "1.8.0", []byte(generated), "", test.how)
			if err != nil || !bytes.Equal(again, got) {
				t.Errorf("the second time: %v\n%q", err, again)
			}
		})
	}
}

func FuzzInsertWritten(f *testing.F) {
	f.Add([]byte("# C\n\n## [Unreleased]\n\nwords\n\n## 1.7.0\n"))
	f.Add([]byte("## Unreleased\n```\n## 1.8.0\n"))
	f.Add([]byte("Unreleased\n===\n\x00\r\n## unreleased\r\n<!--\n"))
	section := []byte("## [1.8.0] - 2026-02-02\n\n### Features\n\n- x\n")
	f.Fuzz(func(t *testing.T, file []byte) {
		v := parsed(t, "v1.8.0")
		text := changelog.Written(file, v)
		got, err := changelog.InsertWritten(file, "1.8.0", section, "", changelog.WrittenBefore)
		if err != nil {
			t.Fatal(err)
		}
		for _, word := range strings.Fields(text) {
			if !bytes.Contains(got, []byte(word)) {
				t.Errorf("%q was lost", word)
			}
		}
	})
}

// The notes begin with what a person wrote, with headings of their own level.
func TestNotesWithWritten(t *testing.T) {
	t.Parallel()
	c := testkit.NewClone(t)
	c.Write("CHANGELOG.md", "# C\n\n## Unreleased\n\nWords of a person.\n\n### Added\n\n```\n### code\n```\n")
	c.Git("add", "CHANGELOG.md")
	c.Git("commit", "-q", "-m", "feat: a thing")
	for how, want := range map[string][]string{
		"":        {"## Features"},
		"before":  {"Words of a person.\n\n## Added\n\n```\n### code\n```\n\n## Features", "a thing"},
		"instead": {"Words of a person.\n\n## Added\n\n```\n### code\n```\n\n## Contributors"},
	} {
		history := changelog.History{
			Repo: git.Repo{Dir: c.Dir, Run: testkit.Runner()}, File: "CHANGELOG.md", Written: how,
			Sections: []changelog.Section{{Title: "Features", Types: []string{"feat"}}},
		}
		notes, err := history.Between(t.Context(), "", "HEAD")
		if err == nil {
			err = history.Describe(t.Context(), &notes, "HEAD")
		}
		notes.Date = time.Time{}
		var out strings.Builder
		if err := changelog.WriteNotes(&out, notes, history.Sections, history.Links); err != nil {
			t.Fatal(err)
		}
		for _, each := range want {
			if err != nil || !strings.Contains(out.String(), each) ||
				how == "" && strings.Contains(out.String(), "Words") ||
				how == "instead" && strings.Contains(out.String(), "Features") {
				t.Errorf("%q: %v\n%s", how, err, out.String())
			}
		}
	}
}
