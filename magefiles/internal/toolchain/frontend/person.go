package frontend

import (
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/sbom"
)

// personOf returns the person that a value of package.json names: a string such as "Ada Lovelace <ada@example.org>
// (https://example.org)", an object, or the first entry of a list
// (https://docs.npmjs.com/cli/v11/configuring-npm/package-json#people-fields-author-contributors). A person without
// a name is represented by the address.
func personOf(value any) sbom.Supplier {
	var found sbom.Supplier
	switch of := value.(type) {
	case string:
		found = parsePerson(of)
	case map[string]any:
		name, _ := of["name"].(string)
		email, _ := of["email"].(string)
		found = parsePerson(name)
		if address := addressOf(email); address != "" {
			found.Email = address
		}
	case []any:
		for _, each := range of {
			if found = personOf(each); found.Name != "" {
				return found
			}
		}
	}
	if found.Name == "" {
		found.Name, found.Email = found.Email, ""
	}
	return found
}

// parsePerson parses NAME <EMAIL> (URL), of which any part may be missing.
func parsePerson(text string) sbom.Supplier {
	name, _, _ := strings.Cut(text, "<")
	name, _, _ = strings.Cut(name, "(")
	_, rest, _ := strings.Cut(text, "<")
	email, _, closed := strings.Cut(rest, ">")
	found := sbom.Supplier{Name: strings.Join(strings.Fields(name), " ")}
	if closed {
		found.Email = addressOf(email)
	}
	return found
}

// addressOf returns an e-mail address, or "" if the text is something else.
func addressOf(text string) string {
	text = strings.TrimSpace(text)
	if at := strings.Index(text, "@"); at < 1 || at == len(text)-1 || len(strings.Fields(text)) != 1 ||
		strings.ContainsAny(text, "()<>") {
		return ""
	}
	return text
}

// scopeOf returns who publishes a package with a scope, such as @vitejs/plugin-react.
func scopeOf(name string) sbom.Supplier {
	scope, _, scoped := strings.Cut(strings.TrimPrefix(name, "@"), "/")
	if !scoped || !strings.HasPrefix(name, "@") || scope == "" {
		return sbom.Supplier{}
	}
	return sbom.Supplier{Name: scope, Organization: true}
}
