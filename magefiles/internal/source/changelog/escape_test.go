package changelog

import (
	"bytes"
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"
)

func TestEscape(t *testing.T) {
	t.Parallel()
	for plain, want := range map[string]string{
		"plain text — with a dash":            "plain text — with a dash",
		"change printers with `PATCH` only":   "change printers with `PATCH` only",
		"`a` and ``b``":                       "`a` and ``b``",
		"an odd ` tick":                       "an odd \\` tick",
		"*bold* _it_ ~~no~~ a_b":              "\\*bold\\* \\_it\\_ \\~\\~no\\~\\~ a\\_b",
		"[x](https://evil.example)":           "\\[x\\](<https://evil.example>)",
		"![x](y)":                             "\\!\\[x\\](y)",
		"<b onclick=x>hi</b> &amp;":           "\\<b onclick=x\\>hi\\</b\\> \\&amp;",
		"# heading":                           "\\# heading",
		"1. list":                             "1\\. list",
		"1.7.3":                               "1.7.3",
		"- list":                              "\\- list",
		"thanks @user, and a@b.example":       "thanks @\u200buser, and a@\u200bb.example",
		"see https://example.org/a_b?c=d for": "see <https://example.org/a_b?c=d> for",
		"closes #12":                          "closes #\u200b12",
		"costs $5":                            "costs <span>$</span>5",
		"$x^2$ and `$y$`":                     "<span>$</span>x^2<span>$</span> and `$y$`",
		"see GH-12 and org/app#7":             "see GH-\u200b12 and org/app#\u200b7",
		"a\x1b[31mred\u202etxt.exe\x00":       "a\uFFFD\\[31mred\uFFFDtxt.exe\uFFFD",
		"two\nlines  \t and":                  "two lines and",
		"www.example.org":                     "www\\.example.org",
		"a | b":                               "a \\| b",
	} {
		if got := Escape(plain); got != want {
			t.Errorf("%q:\n got %q\nwant %q", plain, got, want)
		}
	}
}

var gfm = goldmark.New(goldmark.WithExtensions(extension.GFM))

// FuzzEscape renders escaped text as a list item: a reader sees the same text, and
// nothing but text, code and the addresses in it.
func FuzzEscape(f *testing.F) {
	for _, seed := range []string{
		"plain", "`code`", "*x*", "[a](b)", "<script>", "# x", "1) x", "@user", "#1", "https://example.org/",
		"http://a.b_c`d`",
		"feat: em — dash → arrow", "second: colon", "~~x~~", "| a | b |", "a@b.example", "ftp://x",
		"www.x.example", "\\`x`", "&#35;", "x ``` y", "[ ] task", "mailto:a@b.c",
		"conductor(track): done — `x` → y", "fix(database/models, core+ui.x): a: b", "release: v1.9.3",
		"GH-1 and \x1b[31m", "r`@k.q`", "see (`a@b.example`)", "\u202eevil", "${GITHUB_TOKEN} $(id)", "$x$ <span>",
		"$$y$$ `$z$`",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, plain string) {
		plain = strings.ToValidUTF8(plain, "")
		if strings.ContainsAny(plain, "\x00\u200b") {
			return // Escape itself adds these; no text contains them
		}
		want := Plain(plain)
		source := []byte("- x " + Escape(plain) + "\n")
		document := gfm.Parser().Parse(text.NewReader(source))
		var shown bytes.Buffer
		links := 0
		_ = ast.Walk(document, func(node ast.Node, entering bool) (ast.WalkStatus, error) {
			if !entering {
				return ast.WalkContinue, nil
			}
			switch node := node.(type) {
			case *ast.Document, *ast.List, *ast.ListItem, *ast.TextBlock, *ast.CodeSpan:
			case *ast.Text:
				value := node.Segment.Value(source)
				if _, code := node.Parent().(*ast.CodeSpan); !code {
					value = unescape(value)
				}
				shown.Write(value)
			case *ast.String:
				shown.Write(node.Value)
			case *ast.RawHTML:
				if tag := string(
					node.Segments.Value(source),
				); tag != "<span>" && tag != "</span>" ||
					!strings.Contains(plain, "$") {
					t.Errorf("%q has HTML: %q", plain, source)
				}
			case *ast.AutoLink:
				links++
				shown.Write(node.Label(source))
			default:
				t.Errorf("%q became a %s: %q", plain, node.Kind(), source)
			}
			return ast.WalkContinue, nil
		})
		got := strings.ReplaceAll(shown.String(), zeroWidth, "")
		if strip(got) != strip("x "+want) {
			t.Errorf("%q is shown as %q (%q)", want, got, source)
		}
		if links > strings.Count(want, "http") {
			t.Errorf("%q got %d links", want, links)
		}
	})
}

// unescape removes backslashes before ASCII punctuation.
func unescape(value []byte) []byte {
	var out []byte
	for i := 0; i < len(value); i++ {
		if value[i] == '\\' && i+1 < len(value) &&
			strings.IndexByte("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", value[i+1]) >= 0 {
			i++
		}
		out = append(out, value[i])
	}
	return out
}

// strip removes what code spans swallow: their backticks, and spaces inside.
func strip(s string) string {
	return strings.NewReplacer("`", "", " ", "").Replace(s)
}
