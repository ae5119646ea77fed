package settings

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/pattern"
)

// Compose holds the values of a Docker Compose file by place, for example
// services.app.ports or services.app.environment.PORT
// (https://github.com/compose-spec/compose-spec/blob/main/spec.md).
type Compose map[string]string

// ReadCompose parses a Compose file; an empty one has no values.
func ReadCompose(data []byte) (Compose, error) {
	var tree any
	if err := yaml.Unmarshal(data, &tree); err != nil {
		return nil, fmt.Errorf("read the Compose file: %w", err)
	}
	said := Compose{}
	said.take(nil, tree)
	return said, nil
}

// take walks the tree. A list is one value, except for environment, which may be a list
// of KEY=value or a mapping.
func (c Compose) take(at []string, node any) {
	switch value := node.(type) {
	case map[string]any:
		for key, inner := range value {
			c.take(append(slices.Clone(at), key), inner)
		}
	case []any:
		parts := make([]string, len(value))
		for i, each := range value {
			parts[i] = scalar(each)
			if len(at) > 0 && at[len(at)-1] == "environment" {
				key, set, _ := strings.Cut(parts[i], "=")
				c[strings.Join(append(slices.Clone(at), key), ".")] = set
			}
		}
		if len(at) == 0 || at[len(at)-1] != "environment" {
			c[strings.Join(at, ".")] = "[" + strings.Join(parts, ", ") + "]"
		}
	case nil:
		if len(at) == 0 {
			return // an empty file
		}
		c[strings.Join(at, ".")] = ""
	default:
		c[strings.Join(at, ".")] = scalar(value)
	}
}

func scalar(value any) string {
	if inner, ok := value.(map[string]any); ok {
		parts := make([]string, 0, len(inner))
		for _, key := range slices.Sorted(maps.Keys(inner)) {
			parts = append(parts, key+": "+scalar(inner[key]))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	}
	if value == nil {
		return ""
	}
	return fmt.Sprint(value)
}

// Since describes, sorted by place, how the file differs from an earlier one:
// "services.app.ports changed from … to …". A service that is new or removed is
// mentioned once.
func (c Compose) Since(earlier Compose) []string {
	var list []string
	seen := map[string]bool{}
	places := maps.Clone(c)
	maps.Copy(places, earlier)
	for _, place := range slices.Sorted(maps.Keys(places)) {
		now, is := c[place]
		before, was := earlier[place]
		if is && was && now == before {
			continue
		}
		top := strings.Join(strings.SplitN(place, ".", 3)[:min(2, strings.Count(place, ".")+1)], ".")
		switch {
		case !earlier.has(top):
			place, now, was = top, "", false
		case !c.has(top):
			place, is = top, false
		}
		if seen[place] {
			continue
		}
		seen[place] = true
		list = append(list, sentence(place, before, now, was, is))
	}
	return list
}

// has reports whether there is a value at a place or below it.
func (c Compose) has(place string) bool {
	for each := range c {
		if each == place || strings.HasPrefix(each, place+".") {
			return true
		}
	}
	return false
}

func sentence(place, before, now string, was, is bool) string {
	switch {
	case !is:
		return fmt.Sprintf("%s is gone", code(place))
	case !was && now == "":
		return fmt.Sprintf("%s is new", code(place))
	case !was:
		return fmt.Sprintf("%s is new: %s", code(place), code(now))
	case now == "":
		return fmt.Sprintf("%s is empty now; it was %s", code(place), code(before))
	case before == "":
		return fmt.Sprintf("%s is %s now; it was empty", code(place), code(now))
	}
	return fmt.Sprintf("%s is %s now; it was %s", code(place), code(now), code(before))
}

// maxValue limits the part of a value that is shown, in bytes.
const maxValue = 120

// code returns a text as inline code on one line.
func code(text string) string {
	text = strings.ReplaceAll(strings.Join(strings.Fields(text), " "), "`", "'")
	if len(text) > maxValue {
		text = strings.ToValidUTF8(text[:maxValue], "") + "…"
	}
	return "`" + text + "`"
}

// interpolated matches a variable in a value, such as ${NAME}, ${NAME:-default},
// ${NAME:?error} or $NAME; $$ is a dollar sign
// (https://docs.docker.com/reference/compose-file/interpolation/).
var interpolated = pattern.Lazy(`\$\$|\$(?:\{([A-Za-z_]\w*)(:?[-?+])?|([A-Za-z_]\w*))`)

// Variables lists the variables that a Compose file takes from the environment, and
// whether each is mandatory.
func (c Compose) Variables() map[string]bool {
	required := map[string]bool{}
	for _, value := range c {
		for _, match := range interpolated().FindAllStringSubmatch(value, -1) {
			if name := match[1] + match[3]; name != "" {
				required[name] = required[name] || strings.HasSuffix(match[2], "?")
			}
		}
	}
	return required
}
