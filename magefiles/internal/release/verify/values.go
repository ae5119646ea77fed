package verify

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/pattern"
)

// values are what requests to an app use: a random password, and values taken from answers. Nothing that is shown
// contains them.
type values struct {
	known  map[string]string
	learn  func(secrets ...string) // hides secrets in all output; may be nil
	hidden map[string]bool
}

// shortestSecret is the length from which a text is hidden everywhere. A shorter one may be part of other words.
const shortestSecret = 6

// newValues returns the values of an app without data.
func newValues(secret string, learn func(...string)) *values {
	v := &values{map[string]string{}, learn, map[string]bool{}}
	v.set(app.SecretValue, secret)
	return v
}

// newSecret returns a random password with upper- and lower-case letters, digits and a punctuation mark, as many
// apps require.
func newSecret() string {
	text := rand.Text()
	return strings.ToLower(text[:10]) + "-" + text[10:20] + "-7aZ"
}

func (v *values) set(name, value string) {
	v.known[name] = value
	v.hide(value)
}

func (v *values) hide(texts ...string) {
	for _, text := range texts {
		if v.learn != nil && len(text) >= shortestSecret && !v.hidden[text] {
			v.hidden[text] = true
			v.learn(text)
		}
	}
}

// in replaces the placeholders in a text with escaped values. all reports whether all values are known.
func (v *values) in(text string, escape func(string) string) (replaced string, all bool) {
	all = true
	replaced = app.Value().ReplaceAllStringFunc(text, func(found string) string {
		value, known := v.known[strings.Trim(found, "{}")]
		if !known {
			all = false
			return found
		}
		return escape(value)
	})
	return replaced, all
}

func plainly(text string) string { return text }

// inJSON escapes a text for a JSON string.
func inJSON(text string) string {
	quoted, _ := json.Marshal(text) // a string always encodes
	return string(quoted[1 : len(quoted)-1])
}

// body returns a request's body and its content type: JSON, or a form if the text is not JSON.
func (v *values) body(text string) (body []byte, kind string) {
	if text == "" {
		return nil, ""
	}
	if json.Valid([]byte(app.Value().ReplaceAllString(text, "0"))) {
		replaced, _ := v.in(text, inJSON)
		v.hide(secretsIn([]byte(replaced))...)
		return []byte(replaced), "application/json"
	}
	replaced, _ := v.in(text, url.QueryEscape)
	fields, _ := url.ParseQuery(replaced) // fields that can be parsed
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if secretKey().MatchString(name) {
			v.hide(fields[name]...)
		}
	}
	return []byte(replaced), "application/x-www-form-urlencoded"
}

// secretKey matches the names of fields and headers whose values are secret.
var secretKey = pattern.Lazy(`(?i)pass|secret|token|key|credential|auth|cookie|pin$`)

// secretsIn returns the texts in the secret fields of a JSON document.
func secretsIn(document []byte) []string {
	var parsed any
	if json.Unmarshal(document, &parsed) != nil {
		return nil
	}
	var list []string
	var walk func(key string, value any)
	walk = func(key string, value any) {
		switch value := value.(type) {
		case map[string]any:
			for _, name := range slices.Sorted(maps.Keys(value)) {
				walk(name, value[name])
			}
		case []any:
			for _, each := range value {
				walk(key, each)
			}
		case string:
			if secretKey().MatchString(key) {
				list = append(list, value)
			}
		}
	}
	walk("", parsed)
	return list
}

// take takes values from an answer.
func (v *values) take(names map[string]string, document []byte) error {
	if len(names) == 0 {
		return nil
	}
	var parsed any
	if err := json.Unmarshal(document, &parsed); err != nil {
		return fmt.Errorf("the answer is not JSON, so %s cannot be taken from it",
			strings.Join(slices.Sorted(maps.Keys(names)), ", "))
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		found, err := lookUp(parsed, names[name])
		if err != nil {
			return fmt.Errorf("take %s from %s: %w", name, names[name], err)
		}
		v.set(name, found)
	}
	return nil
}

// lookUp finds a value in a JSON document by the keys on its path. Its error contains keys, but no values.
func lookUp(value any, path string) (string, error) {
	for key := range strings.SplitSeq(path, ".") {
		switch of := value.(type) {
		case map[string]any:
			next, has := of[key]
			if !has {
				return "", fmt.Errorf("there is no %s; there are %s", key, printable(strings.Join(slices.Sorted(
					maps.Keys(of)), ", ")))
			}
			value = next
		case []any:
			at, err := strconv.Atoi(key)
			if err != nil || at < 0 || at >= len(of) {
				return "", fmt.Errorf("there is no %s in a list of %d entries", key, len(of))
			}
			value = of[at]
		default:
			return "", fmt.Errorf("there is no %s in a value without keys", key)
		}
	}
	switch value := value.(type) {
	case string:
		return value, nil
	case bool:
		return strconv.FormatBool(value), nil
	case float64:
		return strconv.FormatFloat(value, 'f', -1, 64), nil
	}
	return "", fmt.Errorf("it is no text and no number")
}
