package page

import (
	"bytes"
	"html/template"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/pattern"
)

// span is a part of a text, which may be code.
type span struct {
	Text string
	Code bool
}

// coded splits a text at its backticks.
func coded(text string) []span {
	parts := strings.Split(text, "`")
	if len(parts)%2 == 0 { // the last backtick has no partner
		last := len(parts) - 1
		parts = append(parts[:last-1], parts[last-1]+"`"+parts[last])
	}
	var spans []span
	for i, part := range parts {
		if part != "" {
			spans = append(spans, span{part, i%2 == 1})
		}
	}
	return spans
}

// clip shortens a text to at most so many characters.
func clip(text string, most int) string {
	if long := most * utf8.UTFMax; len(text) > long {
		text = text[:long] + "…" // there is no need to count the rest
	}
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	runes := []rune(text)
	return strings.TrimRight(string(runes[:max(0, most-1)]), " ") + "…"
}

// control matches the sequences with which a tool colours its output in a terminal, and other characters that are
// not text.
var control = pattern.Lazy("\x1b\\[[0-9;?]*[A-Za-z]|[\x00-\x08\x0b-\x1f\x7f]")

// plain removes terminal control sequences from a tool's output.
func plain(text string) string {
	return control().ReplaceAllString(strings.ToValidUTF8(text, "\uFFFD"), "")
}

// clipEnd shortens a tool's output at the start, since the end matters most, and removes terminal control
// sequences.
func clipEnd(text string, most int) string {
	if len(text) > 2*most {
		text = text[len(text)-2*most:]
	}
	text = plain(text)
	if len(text) <= most {
		return text
	}
	cut := text[len(text)-most:]
	if _, rest, found := strings.Cut(cut, "\n"); found {
		cut = rest
	}
	return "…\n" + strings.ToValidUTF8(cut, "")
}

// markdown converts notes to HTML. HTML in them stays text, and an image becomes a link, since the page makes no
// requests. The notes need no Markdown extensions, whose initialisation would take time in each run.
var markdown = sync.OnceValue(func() goldmark.Markdown {
	return goldmark.New(goldmark.WithRendererOptions(renderer.WithNodeRenderers(util.Prioritized(harmless{}, 1))))
})

// notesOf returns the HTML of notes. Goldmark leaves out dangerous addresses.
func notesOf(notes string) template.HTML {
	var out bytes.Buffer
	if err := markdown().Convert([]byte(notes), &out); err != nil {
		return template.HTML("<pre>" + template.HTMLEscapeString(notes) + "</pre>") //nolint:gosec // it is escaped
	}
	return template.HTML(out.String()) //nolint:gosec // goldmark escapes it
}

// harmless renders what would make a request or run code as something else: an image as a link to it, and HTML as
// text.
type harmless struct{}

// RegisterFuncs implements renderer.NodeRenderer.
func (harmless) RegisterFuncs(register renderer.NodeRendererFuncRegisterer) {
	register.Register(ast.KindImage, imageLink)
	register.Register(ast.KindRawHTML, func(
		out util.BufWriter, source []byte, node ast.Node, entering bool,
	) (ast.WalkStatus, error) {
		if raw, is := node.(*ast.RawHTML); is && entering {
			writeText(out, source, raw.Segments)
		}
		return ast.WalkSkipChildren, nil
	})
	register.Register(ast.KindHTMLBlock, func(
		out util.BufWriter, source []byte, node ast.Node, entering bool,
	) (ast.WalkStatus, error) {
		block, is := node.(*ast.HTMLBlock)
		if !is || !entering {
			return ast.WalkContinue, nil
		}
		_, _ = out.WriteString("<p>")
		writeText(out, source, block.Lines())
		if block.HasClosure() {
			_, _ = out.Write(util.EscapeHTML(block.ClosureLine.Value(source)))
		}
		_, _ = out.WriteString("</p>\n")
		return ast.WalkContinue, nil
	})
}

// writeText writes segments of Markdown as text.
func writeText(out util.BufWriter, source []byte, segments *text.Segments) {
	for i := range segments.Len() {
		segment := segments.At(i)
		_, _ = out.Write(util.EscapeHTML(segment.Value(source)))
	}
}

// imageLink renders an image as a link to it.
func imageLink(out util.BufWriter, _ []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	image, is := node.(*ast.Image)
	switch {
	case !is:
	case !entering:
		_, _ = out.WriteString("</a>")
	case html.IsDangerousURL(image.Destination):
		_, _ = out.WriteString("<a>")
	default:
		_, _ = out.WriteString(`<a href="`)
		_, _ = out.Write(util.EscapeHTML(util.URLEscape(image.Destination, true)))
		_, _ = out.WriteString(`">`)
	}
	return ast.WalkContinue, nil
}
