package main

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestHistory makes a small history twice: the computed hashes are git's, and it has
// the features of a real one.
func TestHistory(t *testing.T) {
	const commits = 1000
	dir := filepath.Join(t.TempDir(), "history")
	for range 2 {
		if err := ensureHistory(t.Context(), dir, commits); err != nil {
			t.Fatal(err)
		}
	}
	for name, test := range map[string]struct {
		args []string
		want func(lines int, text string) bool
	}{
		"commits": {[]string{"rev-list", "main"}, func(lines int, _ string) bool { return lines == commits }},
		"merges": {
			[]string{"rev-list", "--merges", "main"},
			func(lines int, _ string) bool { return lines > commits/50 },
		},
		"tags": {[]string{"for-each-ref", "--format=%(objecttype)", "refs/tags"}, func(lines int, text string) bool {
			return lines == commits/perTag && strings.Contains(text, "tag") && strings.Contains(text, "commit")
		}},
		"reverts": {
			[]string{"log", "--format=%H", "--grep=^This reverts commit"},
			func(lines int, _ string) bool { return lines > 5 },
		},
		"footers": {
			[]string{"log", "--format=%H", "--grep=^BREAKING CHANGE: "},
			func(lines int, _ string) bool { return lines > 5 },
		},
		"non-ASCII": {[]string{"log", "--format=%an %s"}, func(_ int, text string) bool {
			return strings.Contains(text, "山田") && strings.Contains(text, "größer")
		}},
	} {
		text, err := gitIn(t.Context(), dir, nil, test.args...)
		if err != nil {
			t.Fatal(err)
		}
		if lines := strings.Count(text, "\n") + 1; !test.want(lines, text) {
			t.Errorf("%s: %d lines", name, lines)
		}
	}
}

func TestLogInTrace(t *testing.T) {
	const start = `{"event":"start","argv":["git","rev-parse"]}` + "\n" + `{"event":"exit","code":0}` + "\n"
	const log = `{"event":"start","argv":["/usr/bin/git","log","-z","HEAD","--"]}` + "\n"
	argv, err := logIn([]byte(start + log))
	if err != nil || strings.Join(argv, " ") != "/usr/bin/git log -z HEAD --" {
		t.Errorf("%q, %v", argv, err)
	}
	for _, trace := range []string{start, start + log + log, "no JSON\n"} {
		if argv, err := logIn([]byte(trace)); err == nil {
			t.Errorf("%q: %q", trace, argv)
		}
	}
}
