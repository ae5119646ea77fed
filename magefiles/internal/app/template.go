package app

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/pattern"
)

// AnnouncementPlaceholders are the placeholders that the body of a webhook may contain.
var AnnouncementPlaceholders = []string{
	"{title}", "{app}", "{version}", "{tag}", "{commit}", "{url}", "{changes}", "{image}", "{digest}",
}

// Template is the body of a request with placeholders: plain text, or JSON, where placeholders in strings are
// replaced.
type Template struct {
	text   string
	parsed any // nil for plain text
}

// ParseTemplate parses a template with these placeholders. A text that begins with { or [, but not with a
// placeholder, must be JSON.
func ParseTemplate(body string, placeholders []string) (Template, error) {
	t := Template{text: body}
	trimmed := strings.TrimSpace(body)
	if trimmed == "" {
		return t, errors.New(`it is empty: give the text or the JSON to post, such as '{"text": "{title} {url}"}'`)
	}
	if err := knownPlaceholders(trimmed, placeholders); err != nil {
		return t, err
	}
	plain := slices.ContainsFunc(placeholders, func(name string) bool { return strings.HasPrefix(trimmed, name) })
	if plain || trimmed[0] != '{' && trimmed[0] != '[' {
		return t, nil
	}
	decoder := json.NewDecoder(strings.NewReader(trimmed))
	decoder.UseNumber()
	err := decoder.Decode(&t.parsed)
	if err == nil && decoder.Decode(new(any)) != io.EOF {
		err = errors.New("there is more after its end")
	}
	if err != nil {
		return t, fmt.Errorf("it begins as JSON and is none: %w", err)
	}
	return t, nil
}

var (
	// placeholder is a name in braces. The braces of JSON have something else between them.
	placeholder = pattern.Lazy(`\{[A-Za-z][\w.-]*\}`)
	// braced matches any text in braces.
	braced = pattern.Lazy(`\{[^{}]*\}`)
)

// knownPlaceholders refuses placeholders other than these, in a text that may contain other braces.
func knownPlaceholders(text string, known []string) error {
	return allKnown(placeholder().FindAllString(text, -1), known)
}

// onlyPlaceholders refuses any text in braces that is not one of these placeholders.
func onlyPlaceholders(text string, known []string) error {
	return allKnown(braced().FindAllString(text, -1), known)
}

func allKnown(names, known []string) error {
	for _, name := range names {
		if !slices.Contains(known, name) {
			return fmt.Errorf("unknown placeholder %s, known are %s", name, strings.Join(known, ", "))
		}
	}
	return nil
}

// Fill replaces the placeholders, and returns the body with its media type.
func (t Template) Fill(values map[string]string) (body []byte, mediaType string, err error) {
	var pairs []string
	for name, value := range values {
		pairs = append(pairs, name, value)
	}
	replace := strings.NewReplacer(pairs...)
	if t.parsed == nil {
		return []byte(replace.Replace(t.text)), "text/plain; charset=utf-8", nil
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	err = encoder.Encode(filled(t.parsed, replace))
	return out.Bytes(), "application/json", err
}

// filled returns a JSON value with the placeholders in its strings replaced.
func filled(value any, with *strings.Replacer) any {
	switch value := value.(type) {
	case string:
		return with.Replace(value)
	case []any:
		list := make([]any, len(value))
		for i, each := range value {
			list[i] = filled(each, with)
		}
		return list
	case map[string]any:
		object := map[string]any{}
		for name, each := range value {
			object[name] = filled(each, with)
		}
		return object
	}
	return value
}
