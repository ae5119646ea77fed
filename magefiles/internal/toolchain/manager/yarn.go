package manager

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
)

// yarnLocked is an entry of yarn.lock: the package that each of its keys, such as a@^1.0.0,
// is resolved to.
type yarnLocked struct {
	keys []string
	Package
	needs map[string]string // names and ranges
	local bool              // whether it is the app itself, or one of its folders
}

// yarnContents reads the lock of yarn 1 (https://classic.yarnpkg.com/en/docs/yarn-lock).
func yarnContents(data, manifest []byte) (Contents, error) {
	var entries []yarnLocked
	var list map[string]string // the list that the next lines belong to; nil outside of a list
	number := 0
	for line := range bytes.Lines(data) {
		number++
		text := strings.TrimRight(string(line), "\r\n")
		body := strings.TrimLeft(text, " ")
		indent := len(text) - len(body)
		if body == "" || strings.HasPrefix(body, "#") {
			continue
		}
		words, err := yarnWords(body)
		if err == nil && indent > 0 && len(entries) == 0 {
			err = fmt.Errorf("%q belongs to no package", body)
		}
		if err != nil {
			return Contents{}, fmt.Errorf("line %d: %w", number, err)
		}
		switch {
		case indent == 0:
			entries, list = append(entries, yarnLocked{keys: words, needs: map[string]string{}}), nil
			entries[len(entries)-1].Name = yarnName(words[0])
		case indent == 2:
			list = entries[len(entries)-1].set(words)
		case list != nil && len(words) == 2:
			list[words[0]] = words[1]
		}
	}
	return yarnGraph(entries, manifest, "")
}

// yarnWords splits a line of yarn.lock into its words, which may be quoted; a colon at
// the end and commas are left out.
func yarnWords(text string) ([]string, error) {
	var words []string
	for text = strings.TrimSuffix(text, ":"); text != ""; text = strings.TrimLeft(text, " ,") {
		if text[0] != '"' {
			word, _, _ := strings.Cut(text, " ")
			words, text = append(words, strings.TrimSuffix(word, ",")), text[len(word):]
			continue
		}
		quoted, err := strconv.QuotedPrefix(text)
		if err != nil {
			return nil, fmt.Errorf("%q has an open quotation mark", text)
		}
		word, err := strconv.Unquote(quoted)
		if err != nil {
			return nil, err
		}
		words, text = append(words, word), text[len(quoted):]
	}
	if len(words) == 0 {
		return nil, errors.New("an entry without a name")
	}
	return words, nil
}

// set takes a line of an entry, and returns the list that it starts, if any.
func (l *yarnLocked) set(words []string) map[string]string {
	switch {
	case words[0] == "dependencies" || words[0] == "optionalDependencies":
		return l.needs
	case len(words) < 2:
	case words[0] == "version":
		l.Version = words[1]
	case words[0] == "integrity":
		l.Integrity = words[1]
	}
	return nil
}

// yarnName returns the name of a package by its key. For an alias it is in the range, as in a@npm:b@^1.0.0.
func yarnName(key string) string {
	at := strings.Index(key[min(1, len(key)):], "@") + 1
	if at == 0 {
		return key
	}
	if alias, is := strings.CutPrefix(key[at+1:], "npm:"); is && strings.Contains(alias[min(1, len(alias)):], "@") {
		return yarnName(alias)
	}
	return key[:at]
}

// berryContents reads the lock of yarn 2 and later
// (https://yarnpkg.com/configuration/yarnrc; it is YAML).
func berryContents(data, manifest []byte) (Contents, error) {
	var lock map[string]struct {
		Version      string            `yaml:"version"`
		Resolution   string            `yaml:"resolution"`
		LinkType     string            `yaml:"linkType"`
		Dependencies map[string]string `yaml:"dependencies"`
	}
	if err := yaml.Unmarshal(data, &lock); err != nil {
		return Contents{}, err
	}
	var entries []yarnLocked
	for keys, each := range lock {
		if each.Resolution == "" { // the lock's entry about itself
			continue
		}
		entries = append(entries, yarnLocked{
			keys: strings.Split(keys, ", "), needs: each.Dependencies, local: each.LinkType == "soft",
			Package: Package{Name: yarnName(each.Resolution), Version: each.Version},
		})
	}
	return yarnGraph(entries, manifest, "npm:")
}

// yarnGraph lists the packages of an app. protocol is the prefix of ranges of the registry in the keys of the lock.
func yarnGraph(entries []yarnLocked, data []byte, protocol string) (Contents, error) {
	var of manifest
	if err := json.Unmarshal(data, &of); data != nil && err != nil {
		return Contents{}, fmt.Errorf("package.json beside it: %w", err)
	}
	byKey, byName := map[string][]int{}, map[string][]int{}
	contents := Contents{has: map[string]bool{}}
	for i, each := range entries {
		for _, key := range each.keys {
			byKey[key] = append(byKey[key], i)
			name := key[:max(strings.Index(key[min(1, len(key)):], "@")+1, 0)]
			byName[name] = append(byName[name], i)
			contents.has[name] = true
		}
	}
	var ahead []int
	add := func(needs map[string]string) {
		for name, version := range needs {
			found := byKey[name+"@"+version]
			if found == nil {
				found = byKey[name+"@"+protocol+version]
			}
			if found == nil { // the app overrides it (resolutions) or patches it
				found = byName[name]
			}
			ahead = append(ahead, found...)
		}
	}
	add(of.shipped())
	seen := map[int]bool{}
	listed := map[Package]bool{}
	for ; len(ahead) > 0; ahead = ahead[1:] {
		each := entries[ahead[0]]
		if seen[ahead[0]] {
			continue
		}
		seen[ahead[0]] = true
		add(each.needs)
		if !each.local && !listed[each.Package] {
			listed[each.Package] = true
			contents.Shipped = append(contents.Shipped, each.Package)
		}
	}
	return contents, nil
}
