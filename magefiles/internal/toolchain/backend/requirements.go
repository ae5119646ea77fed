package backend

import (
	"bytes"
	"fmt"
	"io/fs"
	"iter"
	"path"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/sbom"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/pattern"
)

var (
	// requirement matches the start of a requirement: a name with its extras
	// (https://packaging.python.org/en/latest/specifications/dependency-specifiers/).
	requirement = pattern.Lazy(`^([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:\[[^\]]*\])?\s*`)
	// exactly matches a version that a requirement pins, without a wildcard.
	exactly = pattern.Lazy(`^\(?\s*={2,3}\s*([A-Za-z0-9][A-Za-z0-9.!+_-]*)\s*\)?\s*(?:;.*)?$`)
	// remark matches a comment in a requirements file
	// (https://pip.pypa.io/en/stable/reference/requirements-file-format/#comments).
	remark = pattern.Lazy(`(^|\s)#.*$`)
	// option matches what may follow a requirement.
	option = pattern.Lazy(`\s--[a-z-]+[ =]?\S*`)
	// hashed matches the hash of a file that may be installed.
	hashed = pattern.Lazy(`\s--hash[ =]sha256:([0-9a-f]{64})(?:\s|$)`)
)

// requirements reads a requirements file of tree and the files that it includes.
// Requirements that are not pinned to one version are left out with a note, which never
// contains an address, since that may name a private server.
func requirements(
	tree fs.FS,
	file string,
	seen map[string]bool,
) (packages []sbom.Package, omitted []string, err error) {
	if seen[file] {
		return nil, nil, nil
	}
	seen[file] = true
	data, err := fs.ReadFile(tree, file)
	if err != nil {
		return nil, nil, fmt.Errorf("read what %s pins: %w", file, err)
	}
	for number, text := range logicalLines(data) {
		if inner, includes := includedBy(file, text); includes {
			if info, err := fs.Stat(tree, inner); err != nil || !info.Mode().IsRegular() {
				omitted = append(
					omitted,
					fmt.Sprintf("%s:%d: the file that it includes is not in the app", file, number),
				)
				continue
			}
			more, left, err := requirements(tree, inner, seen)
			if err != nil {
				return nil, nil, err
			}
			packages, omitted = append(packages, more...), append(omitted, left...)
			continue
		}
		found, why := pinned(text)
		switch {
		case why != "":
			omitted = append(omitted, fmt.Sprintf("%s:%d: %s", file, number, why))
		case found.Name != "":
			packages = append(packages, found)
		}
	}
	return packages, omitted, nil
}

// logicalLines yields the lines of a requirements file with the number of the last
// physical line of each, without comments and with continuation lines joined.
func logicalLines(data []byte) iter.Seq2[int, string] {
	return func(yield func(int, string) bool) {
		joined, number := "", 0
		for line := range bytes.Lines(data) {
			number++
			text, continued := strings.CutSuffix(
				remark().ReplaceAllString(strings.TrimRight(string(line), " \t\r\n"), ""),
				`\`,
			)
			if joined += text; continued {
				continue
			}
			if !yield(number, strings.TrimSpace(joined)) {
				return
			}
			joined = ""
		}
		if joined != "" {
			yield(number, strings.TrimSpace(joined))
		}
	}
}

// includedBy returns the file that a line of a requirements file includes. What a
// constraints file (-c) pins need not be installed.
func includedBy(file, text string) (inner string, includes bool) {
	match := included().FindStringSubmatch(text)
	if match == nil || !strings.HasPrefix(strings.TrimLeft(text, "-"), "r") {
		return "", false
	}
	return path.Join(path.Dir(file), match[1]), true
}

// pinned parses one line: it returns a package, or why it is left out; neither for a
// line that requires nothing.
func pinned(text string) (found sbom.Package, why string) {
	switch {
	case strings.HasPrefix(text, "-e") || strings.HasPrefix(text, "--editable"):
		return found, "an editable project has no version"
	case text == "" || strings.HasPrefix(text, "-"):
		return found, ""
	}
	match := requirement().FindStringSubmatch(text)
	if match == nil {
		return found, "a path or an address has no version"
	}
	rest := strings.TrimSpace(option().ReplaceAllString(" "+text[len(match[0]):], ""))
	if rest != "" && !strings.ContainsRune("=<>!~@;(", rune(rest[0])) {
		return found, "a path or an address has no version"
	}
	if strings.HasPrefix(rest, "@") {
		return found, match[1] + " comes from an address"
	}
	version := exactly().FindStringSubmatch(rest)
	if version == nil {
		return found, match[1] + " is not pinned to one version"
	}
	found = sbom.Package{Type: "pypi", Name: normalised(match[1]), Version: version[1]}
	for _, hash := range hashed().FindAllStringSubmatch(strings.ReplaceAll(text, " ", "  "), -1) {
		found.SHA256 = append(found.SHA256, hash[1])
	}
	return found, ""
}

// normalised returns the name of a distribution as in PEP 503.
func normalised(name string) string { return strings.ToLower(separators().ReplaceAllString(name, "-")) }
