// Package mention finds where files name an image, and with which tags.
package mention

import (
	"path"
	"regexp"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/pattern"
)

// Mention is a place where a file names an image.
type Mention struct {
	File string
	Line int    // from 1
	Name string // of the image, as it is written
	Tag  string
}

// Finder finds the mentions of an image.
type Finder struct {
	named *regexp.Regexp // the name, and the rest of the line
	name  string
}

// dockerHub are the registries of names that have none.
var dockerHub = []string{"docker.io/", "index.docker.io/"}

// New returns a finder for an image such as ghcr.io/owner/name.
func New(name string) Finder {
	for _, registry := range dockerHub {
		name = strings.TrimPrefix(name, registry)
	}
	registries := ""
	if host, _, _ := strings.Cut(name, "/"); !strings.ContainsAny(host, ".:") && host != "localhost" {
		registries = `(?:(?:index\.)?docker\.io/)?`
	}
	// A name may follow a scheme, as in docker://ghcr.io/owner/name, and is not a part of another name.
	return Finder{regexp.MustCompile(`(?:^|[^\w./-]|//)(` + registries + regexp.QuoteMeta(name) + `)`), name}
}

// Text returns a substring that every mention contains.
func (f Finder) Text() string { return f.name }

var (
	partOfName = pattern.Lazy(`^(?:[\w/-]|\.\w)`)
	// defaultOf is the default of a variable, as in ${VERSION:-latest} of a shell and of Compose.
	defaultOf = pattern.Lazy(`^([\w.-]*)\$\{\w+:?-([^${}]*)\}`)
	literal   = pattern.Lazy(`^[\w.-]+`)
	// stands matches a placeholder for a tag: VERSION, X.Y.Z or vX.Y.Z.
	stands = pattern.Lazy(`^v?[A-Z][A-Z._-]*$`)
	// withoutTag matches what precedes an image without a tag on a line of a Compose file or a manifest.
	withoutTag = pattern.Lazy(`^\s*(?:-\s+)?image:\s*["']?$`)
)

// In returns the mentions in a line of text. It skips mentions whose tag is a placeholder, or a variable without a
// default. It also skips names without a tag, except for the image of a Compose file, where that means latest.
func (f Finder) In(line string) []Mention {
	var list []Mention
	for _, at := range f.named.FindAllStringSubmatchIndex(line, -1) {
		rest := line[at[3]:]
		if partOfName().MatchString(rest) {
			continue
		}
		found := Mention{Name: line[at[2]:at[3]]}
		tagged, has := strings.CutPrefix(rest, ":")
		switch {
		case has:
			found.Tag = tagOf(tagged)
		case withoutTag().MatchString(line[:at[2]]) && !strings.HasPrefix(rest, "@"):
			found.Tag = "latest"
		}
		if found.Tag != "" {
			list = append(list, found)
		}
	}
	return list
}

// tagOf returns the tag at the start of a text, or "" if it is not known.
func tagOf(text string) string {
	if match := defaultOf().FindStringSubmatchIndex(text); match != nil {
		text = text[match[2]:match[3]] + text[match[4]:match[5]] + text[match[1]:]
	}
	tag := literal().FindString(text)
	if rest := text[len(tag):]; rest != "" && strings.ContainsRune("$<{[%*", rune(rest[0])) {
		return ""
	}
	tag = strings.TrimRight(tag, ".")
	if stands().MatchString(tag) {
		return ""
	}
	return tag
}

// Of returns the mentions in a file.
func (f Finder) Of(file string, content []byte) []Mention {
	if !strings.Contains(string(content), f.name) {
		return nil
	}
	var list []Mention
	number := 0
	for line := range strings.Lines(string(content)) {
		number++
		for _, each := range f.In(strings.TrimRight(line, "\r\n")) {
			each.File, each.Line = path.Clean(file), number
			list = append(list, each)
		}
	}
	return list
}
