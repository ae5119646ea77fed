package app

import (
	"regexp"
	"strings"
)

// keyVariable is what the name of an environment variable with a key begins with, as cosign
// has it.
const keyVariable = "env://"

// variableName is the name of an environment variable.
var variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

func (s Signing) validate(doc document) []error {
	key := s.Key
	name, inVariable := strings.CutPrefix(key, keyVariable)
	switch {
	case inVariable && !variableName.MatchString(name):
		return []error{doc.errorAt("$.signing.key",
			"%q is not the name of an environment variable, such as %sSIGNING_KEY", name, keyVariable)}
	case !inVariable && strings.Contains(key, "://"):
		return []error{doc.errorAt("$.signing.key", "%q is neither a file nor %sNAME: keys in a key management "+
			"service are not supported", key, keyVariable)}
	case strings.Contains(key, "PRIVATE KEY"):
		return []error{
			doc.errorAt("$.signing.key", "it contains a private key, which everybody can read here: replace "+
				"the key, and name a file or %sNAME", keyVariable),
		}
	}
	return nil
}
