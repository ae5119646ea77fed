package targets

import (
	"bytes"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/magefile/mage/parse"

	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit/docs"
)

func allManuals(t *testing.T) []manual {
	t.Helper()
	all, err := manuals()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestHelp shows the help of every target, in the sample.
func TestHelp(t *testing.T) {
	dir := sampleApp(t)
	var out bytes.Buffer
	for _, page := range allManuals(t) {
		g := sampleGraph(t, dir, options{lenient: true})
		if err := page.write(t.Context(), &out, g, "scripts/pipeline", true); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&out, "\n%s\n\n", strings.Repeat("-", 40))
	}
	testkit.Golden(t, "testdata/help.txt", out.String())
}

// TestHelpIsComplete compares the manuals with what Mage finds, which is what it runs.
func TestHelpIsComplete(t *testing.T) {
	var files []string
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if strings.HasSuffix(entry.Name(), ".go") && !strings.HasSuffix(entry.Name(), "_test.go") {
			files = append(files, entry.Name())
		}
	}
	found, err := parse.Package(".", files, false)
	if err != nil {
		t.Fatal(err)
	}
	theirs, ours := map[string][]string{}, map[string][]string{}
	for _, target := range found.Funcs {
		space, own, _ := strings.Cut(target.TargetName(), ":")
		name := strings.TrimSuffix(lowerFirst(space)+":"+lowerFirst(own), ":")
		theirs[name] = nil
		for _, arg := range target.Args {
			theirs[name] = append(theirs[name], strings.ToLower(arg.Name))
			if arg.Comment == "" {
				t.Errorf("%s: the parameter %s has no comment", name, arg.Name)
			}
		}
	}
	for _, page := range allManuals(t) {
		ours[page.Name] = argumentNames(page)
	}
	if diff := cmp.Diff(theirs, ours); diff != "" {
		t.Errorf("-Mage +help (name the file of a new target in manual.go):\n%s", diff)
	}
}

// argumentNames returns the names of the parameters, as in the source.
func argumentNames(page manual) []string {
	var names []string
	for _, each := range page.Arguments {
		name, _, _ := strings.Cut(strings.TrimPrefix(each.Usage, "-"), "=")
		names = append(names, strings.ToLower(name))
	}
	return names
}

// TestHelpExamples expects an example of every target, which it takes.
func TestHelpExamples(t *testing.T) {
	for _, page := range allManuals(t) {
		if err := accepts(allManuals(t), strings.Fields(page.Example)); err != nil {
			t.Errorf("the example of %s: %v", page.Name, err)
		}
		if name, _, _ := strings.Cut(page.Example, " "); name != page.Name {
			t.Errorf("the example of %s is %q", page.Name, page.Example)
		}
		if strings.Contains(page.Summary, "\n") || !strings.HasSuffix(page.Summary, ".") {
			t.Errorf("%s: %q is no sentence", page.Name, page.Summary)
		}
	}
}

// accepts reports what is wrong with a target and its arguments.
func accepts(all []manual, words []string) error {
	at := slices.IndexFunc(all, func(m manual) bool { return len(words) > 0 && m.Name == words[0] })
	if at < 0 {
		return fmt.Errorf("%q is no target", words)
	}
	arguments := append(slices.Clone(all[at].Arguments), configArgument)
	for _, word := range words[1:] {
		flag, _, hasValue := strings.Cut(word, "=")
		known := slices.IndexFunc(arguments, func(a argument) bool {
			name, _, takesValue := strings.Cut(a.Usage, "=")
			return name == flag && takesValue == hasValue
		})
		if strings.HasPrefix(word, "-") && known < 0 {
			return fmt.Errorf("%s does not take %s", all[at].Name, word)
		}
	}
	return nil
}

// TestHelpOfUnknownTargets names those that are near.
func TestHelpOfUnknownTargets(t *testing.T) {
	for name, want := range map[string]string{
		"lnt":           `there is no target "lnt"; did you mean lint, backend:lint, frontend:lint?`,
		"release-check": `there is no target "release-check"; did you mean releaseCheck?`,
		"typecheck":     `there is no target "typecheck"; did you mean backend:typeCheck, frontend:typeCheck?`,
		"zzzzzzzzz":     `there is no target "zzzzzzzzz"; the targets are assemble, backend:contract, `,
	} {
		if _, err := find(allManuals(t), name); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v, expected %s", name, err, want)
		}
	}
	if page, err := find(allManuals(t), "RELEASECHECK"); err != nil || page.Name != "releaseCheck" {
		t.Errorf("%v %v", page, err)
	}
}

// TestHelpNamesTheProgram shows an example as the person who reads it would run it.
func TestHelpNamesTheProgram(t *testing.T) {
	for program, want := range map[string]string{
		"/src/dist/pipeline":                "scripts/pipeline",
		"/usr/local/bin/odin-release":       "odin-release",
		"/home/ada/.magefile/3f2a91c0d4e5b": "go tool mage",
		"":                                  "go tool mage",
	} {
		if got := command(program); got != want {
			t.Errorf("%s: %s, expected %s", program, got, want)
		}
	}
}

// TestReference keeps the reference of the targets in step with their comments.
func TestReference(t *testing.T) {
	var text strings.Builder
	for _, page := range allManuals(t) {
		summary := strings.ToUpper(page.Summary[:1]) + page.Summary[1:]
		fmt.Fprintf(&text, "\n### %s\n\n%s\n", page.Name, docs.Wrap("", summary))
		for _, paragraph := range strings.Split(page.Text, "\n\n") {
			if paragraph != "" {
				fmt.Fprintf(&text, "\n%s\n", docs.Wrap("", paragraph))
			}
		}
		if len(page.Arguments) > 0 {
			fmt.Fprintln(&text)
		}
		for _, each := range page.Arguments {
			fmt.Fprintln(&text, docs.Wrap("- `"+each.Usage+"`: ", each.Meaning))
		}
		if page.Leaves != "" {
			leaves := fileName.ReplaceAllString(page.Leaves, "`$0`")
			fmt.Fprintf(&text, "\n%s\n", docs.Wrap("", "Leaves in `dist/`: "+leaves))
		}
		fmt.Fprintf(&text, "\nExample: `%s`\n", page.Example)
	}
	docs.Read(t, "magefiles/targets/README.md").Generated(t, "targets", text.String())
}

// fileName is what looks like the name of a file or a folder.
var fileName = regexp.MustCompile(`[\w*./-]*(\w/|\.\w+)`)
