package detect

import (
	"bytes"
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"text/template"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/pattern"
)

//go:embed release.yaml.tmpl
var layout string

var page = template.Must(template.New("release.yaml").Funcs(template.FuncMap{"comment": comment}).Parse(layout))

// part is a section of the file.
type part struct {
	Key       string
	About     string
	Lines     []string
	Questions []Question
}

// parts are the sections in the order of the file, with a line about each.
var parts = []part{
	{Key: "backend", About: "The folder of the backend. The defaults of all other settings follow it."},
	{Key: "frontend", About: "The folder of the frontend. The defaults of all other settings follow it."},
	{Key: "build", About: "What is built. The image is published under this name and no other."},
	{Key: "publish", About: "Under which image tags a release is published."},
	{Key: "announce", About: "What the announcement calls the app."},
	{Key: "environments", About: "The Python environments of checks and suites."},
	{Key: "checks", About: "What lint runs, where it differs from ruff, mypy, ESLint and tsc with the defaults."},
	{Key: "suites", About: "What test runs, where it differs from the defaults."},
	{Key: "contract", About: "The API's application, and its committed OpenAPI spec."},
	{Key: "versionFiles", About: "All files that contain the version: tag writes it into them."},
	{Key: "migrations", About: "The database migrations, and the command that runs one."},
	{Key: "settings", About: "The files that define what users can configure."},
	{Key: "docs", About: "The documentation, and how its site is rebuilt."},
	{Key: "verify", About: "When a started image is healthy; image:verify -local tries this after build."},
	{Key: "changelog", About: "Where the changes are described."},
}

// write writes the file, with more questions than the search has, and reads it as strictly as every later run.
func (s *search) write(more []Question) (Found, error) {
	questions := slices.Concat(s.questions, more)
	slices.SortStableFunc(questions, func(a, b Question) int { return rank(a) - rank(b) })
	var shown []part
	for _, each := range parts {
		each.Lines = s.lines[each.Key]
		for _, question := range questions {
			if section(question.Keys[0]) == each.Key {
				each.Questions = append(each.Questions, question)
			}
		}
		if len(each.Lines)+len(each.Questions) > 0 {
			shown = append(shown, each)
		}
	}
	var out bytes.Buffer
	if err := page.Execute(&out, map[string]any{"Parts": shown, "Questions": len(questions)}); err != nil {
		return Found{}, err
	}
	read, err := s.App.With(app.ConfigFile, out.Bytes())
	if err != nil {
		return Found{}, fmt.Errorf("the release.yaml that was made of what was found is not valid: %w", err)
	}
	return Found{App: read, Content: out.Bytes(), Facts: s.facts, Questions: questions}, nil
}

// rank returns the place of a question's section in the file.
func rank(question Question) int {
	return slices.IndexFunc(parts, func(each part) bool { return each.Key == section(question.Keys[0]) })
}

// comment formats text as a comment of at most 100 columns; lines after the first are
// indented.
func comment(first, text string) string {
	const width = 100
	line, rest := "# "+first, "#   "
	var out strings.Builder
	for i, word := range strings.Fields(text) {
		if i > 0 && len(line)+1+len(word) > width {
			out.WriteString(line + "\n")
			line = rest + word
			continue
		}
		if !strings.HasSuffix(line, " ") {
			line += " "
		}
		line += word
	}
	return out.String() + line
}

var (
	plain = pattern.Lazy(`^[A-Za-z_./][A-Za-z0-9_./@+-]*( [A-Za-z0-9_./@+()-]+)*$`)
	// words are texts that YAML 1.1 or 1.2 does not read as strings.
	words = pattern.Lazy(`^(?i:true|false|yes|no|on|off|y|n|null|\.|\.inf|\.nan)$`)
)

// scalar writes text as a YAML scalar that is also one inside of [] and {}.
func scalar(text string) string {
	if plain().MatchString(text) && !words().MatchString(text) {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", "''") + "'"
}

// sequence writes texts as a YAML list on one line.
func sequence(texts []string) string {
	list := make([]string, len(texts))
	for i, text := range texts {
		list[i] = scalar(text)
	}
	return "[" + strings.Join(list, ", ") + "]"
}

func absent(why string) string { return "{absent: " + scalar(why) + "}" }

func number(n int) string { return strconv.Itoa(n) }
