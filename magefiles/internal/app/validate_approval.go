package app

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// longestEnvironment is the longest name, in characters, that GitHub accepts for an environment
// (https://docs.github.com/en/actions/reference/workflows-and-actions/deployments-and-environments).
const longestEnvironment = 255

// validateApproval checks the name of an environment on GitHub; "" means none. It refuses expressions: GitHub only
// evaluates those in the workflow's own file.
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
