package app

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// longestEnvironment is the most that GitHub takes as the name of an environment, in
// characters
// (https://docs.github.com/en/actions/reference/workflows-and-actions/deployments-and-environments).
const longestEnvironment = 255

// validateApproval checks the name of an environment on GitHub, "" for none. An expression
// would be a name like any other: only the workflow's own file is evaluated.
func validateApproval(doc document, name string) []error {
	unusable := func(r rune) bool { return unicode.IsControl(r) || strings.ContainsRune("'\"`,;\\", r) }
	switch {
	case strings.Contains(name, "${{"):
		return []error{doc.errorAt("$.publish.approval", "%q is an expression, which is not evaluated here: give the "+
			"name of an environment, such as production", name)}
	case name != strings.TrimSpace(name) || strings.ContainsFunc(name, unusable) ||
		utf8.RuneCountInString(name) > longestEnvironment:
		return []error{doc.errorAt("$.publish.approval", "%q is not the name of an environment on GitHub: that has at "+
			"most %d characters, in one line, without quotes, commas, semicolons or backslashes", name,
			longestEnvironment)}
	}
	return nil
}
