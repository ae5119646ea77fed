package changelog

import (
	"regexp"
	"strings"
	"testing"
)

// The regular expressions that the scanners implement.
var (
	headerPattern   = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9_-]*)(?:\(([^()]*)\))?(!)?: +(\S.*)$`)
	footerPattern   = regexp.MustCompile(`^(BREAKING CHANGE|[A-Za-z][A-Za-z0-9-]*)(?:: +| +#)(.*)$`)
	codeSpanPattern = regexp.MustCompile("^(`+)([^`](?:[^`]*[^`])?)(`+)")
	webLinkPattern  = regexp.MustCompile(`^https?://[A-Za-z0-9./?=&%_~+-]*[A-Za-z0-9/]`)
)

// FuzzScanners compares the scanners with the regular expressions, on every line of a
// text.
func FuzzScanners(f *testing.F) {
	for _, seed := range []string{
		"feat(a,b)!: c", "fix: x", "fix:x", "a_1-b!: \tx", "a():   b ", "a(b)(c): d", "a(b: c", "9a: b", "ä: b",
		"a (b): c", "a!(b): c", "@b: c", "a[b: c",
		"BREAKING CHANGE: x", "BREAKING-CHANGE: x", "BREAKING CHANGES: x", "BREAKING CHANGE #1", "BREAKING: x",
		"Fixes  #12", "Fixes#12", "Fixes: #12", "a: ", "A-b:   c",
		"`a`", "``a`b``", "`a``", "``", "`a", "```a``` b", "`é`",
		"http://x.example/a.", "https://x", "https://?", "https:///", "httpss://x", "http:/x", "https://a_b~-é",
		"two\nlines  \t and", " a", "a ", "a\u00a0b", "a  b", "é è", "a\u0088b\u202e \x1b", "\xf2\xff", " \x01",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if got, want := Plain(
			text,
		), strings.Join(
			strings.Fields(strings.Map(seen, strings.ToValidUTF8(text, "\uFFFD"))),
			" ",
		); got != want {
			t.Errorf("Plain(%q) is %q, want %q", text, got, want)
		}
		for line := range strings.SplitSeq(text, "\n") {
			checkHeader(t, line)
			checkFooter(t, line)
			if got, want := codeSpan(line), spanLength(line); got != want {
				t.Errorf("codeSpan(%q) is %d, want %d", line, got, want)
			}
			if got, want := webLink(line), len(webLinkPattern.FindString(line)); got != want {
				t.Errorf("webLink(%q) is %d, want %d", line, got, want)
			}
		}
	})
}

func checkHeader(t *testing.T, line string) {
	t.Helper()
	var want head
	match := headerPattern.FindStringSubmatch(line)
	if match != nil {
		want = head{name: match[1], scopes: match[2], marked: match[3] != "", description: match[4]}
	}
	if got, ok := cutHeader(line); got != want || ok != (match != nil) {
		t.Errorf("cutHeader(%q) is %+v, %t, want %+v", line, got, ok, want)
	}
}

func checkFooter(t *testing.T, line string) {
	t.Helper()
	var want Footer
	match := footerPattern.FindStringSubmatch(line)
	if match != nil {
		want = Footer{Token: match[1], Value: match[2]}
		if want.Token == "BREAKING-CHANGE" {
			want.Token = breaking
		}
	}
	if got, ok := cutFooter(line); got != want || ok != (match != nil) {
		t.Errorf("cutFooter(%q) is %+v, %t, want %+v", line, got, ok, want)
	}
}

// spanLength returns the length of a code span with as many backticks at its end as at its start.
func spanLength(line string) int {
	match := codeSpanPattern.FindStringSubmatch(line)
	if match == nil || match[1] != match[3] || strings.HasPrefix(line[len(match[0]):], "`") {
		return 0
	}
	return len(match[0])
}
