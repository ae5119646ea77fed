package backend

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/mail"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/sbom"
)

// metadata is what a distribution says about itself.
type metadata struct {
	license  string // an SPDX expression, or else the distribution's own words; or ""
	supplier string // name of who made it, or ""
}

// longestMetadata is the number of bytes of METADATA that are read: the fields precede the description.
const longestMetadata = 1 << 20

// parseMetadata reads the core metadata of a distribution, a file METADATA
// (https://packaging.python.org/en/latest/specifications/core-metadata/).
func parseMetadata(from io.Reader) (metadata, error) {
	fields, err := fieldsOf(io.LimitReader(from, longestMetadata))
	if err != nil {
		return metadata{}, err
	}
	if len(fields["name"]) == 0 {
		return metadata{}, errors.New("it has no field Name")
	}
	return metadata{licenseOf(fields), supplierOf(fields)}, nil
}

// fieldsOf reads the fields before the first empty line, by their names in lower case.
func fieldsOf(from io.Reader) (map[string][]string, error) {
	lines := bufio.NewScanner(from)
	lines.Buffer(nil, longestMetadata+1)
	fields, last := map[string][]string{}, ""
	for lines.Scan() {
		line := strings.TrimRight(lines.Text(), "\r")
		if line == "" {
			break
		}
		if line[0] == ' ' || line[0] == '\t' {
			if values := fields[last]; len(values) > 0 { // continuation of a long value
				values[len(values)-1] += "\n" + strings.TrimLeft(line, " \t|")
			}
			continue
		}
		name, value, found := strings.Cut(line, ":")
		if last = strings.ToLower(strings.TrimSpace(name)); !found {
			last = ""
			continue
		}
		fields[last] = append(fields[last], strings.TrimSpace(value))
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read the fields: %w", err)
	}
	return fields, nil
}

// first returns the first value that says something.
func first(values []string) string {
	for _, value := range values {
		if value = strings.TrimSpace(value); value != "" && !strings.EqualFold(value, "UNKNOWN") {
			return strings.ToValidUTF8(value, "\uFFFD")
		}
	}
	return ""
}

// classified are the classifiers that mean exactly one licence
// (https://peps.python.org/pep-0639/appendix-mapping-classifiers/).
var classified = map[string]string{
	"Blue Oak Model License (BlueOak-1.0.0)":                  "BlueOak-1.0.0",
	"Boost Software License 1.0 (BSL-1.0)":                    "BSL-1.0",
	"Eclipse Public License 2.0 (EPL-2.0)":                    "EPL-2.0",
	"European Union Public Licence 1.2 (EUPL 1.2)":            "EUPL-1.2",
	"GNU Affero General Public License v3":                    "AGPL-3.0-only",
	"GNU Affero General Public License v3 or later (AGPLv3+)": "AGPL-3.0-or-later",
	"GNU General Public License v2 (GPLv2)":                   "GPL-2.0-only",
	"GNU General Public License v2 or later (GPLv2+)":         "GPL-2.0-or-later",
	"GNU General Public License v3 (GPLv3)":                   "GPL-3.0-only",
	"GNU General Public License v3 or later (GPLv3+)":         "GPL-3.0-or-later",
	"GNU Lesser General Public License v2 (LGPLv2)":           "LGPL-2.0-only",
	"GNU Lesser General Public License v2 or later (LGPLv2+)": "LGPL-2.0-or-later",
	"GNU Lesser General Public License v3 (LGPLv3)":           "LGPL-3.0-only",
	"GNU Lesser General Public License v3 or later (LGPLv3+)": "LGPL-3.0-or-later",
	"Historical Permission Notice and Disclaimer (HPND)":      "HPND",
	"ISC License (ISCL)":                                      "ISC",
	"MIT License":                                             "MIT",
	"MIT No Attribution License (MIT-0)":                      "MIT-0",
	"Mozilla Public License 1.1 (MPL 1.1)":                    "MPL-1.1",
	"Mozilla Public License 2.0 (MPL 2.0)":                    "MPL-2.0",
	"Python Software Foundation License":                      "PSF-2.0",
	"The Unlicense (Unlicense)":                               "Unlicense",
	"Universal Permissive License (UPL)":                      "UPL-1.0",
	"zlib/libpng License":                                     "Zlib",
}

// spelled are names of licences that are often used instead of the identifier.
var spelled = map[string]string{
	"apache 2": "Apache-2.0", "apache 2.0": "Apache-2.0", "apache license 2.0": "Apache-2.0",
	"apache license, version 2.0": "Apache-2.0", "apache license version 2.0": "Apache-2.0",
	"apache software license 2.0": "Apache-2.0", "bsd 2-clause": "BSD-2-Clause", "2-clause bsd": "BSD-2-Clause",
	"bsd 2-clause license": "BSD-2-Clause", "bsd 3-clause": "BSD-3-Clause", "3-clause bsd": "BSD-3-Clause",
	"bsd 3-clause license": "BSD-3-Clause", "3-clause bsd license": "BSD-3-Clause", "isc license": "ISC",
	"mit license": "MIT", "the mit license": "MIT", "the mit license (mit)": "MIT", "mpl 2.0": "MPL-2.0",
	"mozilla public license 2.0": "MPL-2.0",
}

// licenseOf returns the licence in the fields: an expression, a name with exactly one meaning, or else the text as
// it is.
func licenseOf(fields map[string][]string) string {
	if expression := first(fields["license-expression"]); expression != "" {
		return expression
	}
	told := first(fields["license"])
	if found := sbom.Expression(told); found != "" {
		return found
	}
	if found := spelled[strings.ToLower(told)]; found != "" {
		return found
	}
	var names []string
	for _, classifier := range fields["classifier"] {
		name, is := strings.CutPrefix(classifier, "License :: ")
		name = strings.TrimPrefix(name, "OSI Approved :: ")
		if is && name != "OSI Approved" && !slices.Contains(names, name) {
			names = append(names, strings.ToValidUTF8(name, "\uFFFD"))
		}
	}
	if len(names) == 1 && classified[names[0]] != "" {
		return classified[names[0]]
	}
	if told == "" { // several classifiers may be alternatives, or all apply
		return strings.Join(names, ", ")
	}
	return told
}

// supplierOf returns who made a distribution: its author or, without one, its maintainer.
func supplierOf(fields map[string][]string) string {
	for _, field := range []string{"author", "author-email", "maintainer", "maintainer-email"} {
		value := strings.Join(strings.Fields(first(fields[field])), " ")
		if value == "" {
			continue
		}
		if !strings.HasSuffix(field, "-email") {
			return value
		}
		if names := strings.Fields(namesIn(value)); len(names) > 0 {
			return strings.ToValidUTF8(strings.Join(names, " "), "\uFFFD")
		}
	}
	return ""
}

// namesIn returns the names in a list of addresses, such as Ada Lovelace <ada@example.org>. A person without a name
// is represented by the address.
func namesIn(addresses string) string {
	list, err := mail.ParseAddressList(addresses)
	if err != nil {
		return addresses
	}
	var names []string
	for _, each := range list {
		name := each.Name
		if name == "" {
			name = each.Address
		}
		names = append(names, name)
	}
	return strings.Join(names, ", ")
}
