// Package pattern compiles regular expressions when they are first used. Compiling all of them would take a tenth
// of the time of a check that has nothing to do and uses few of them.
package pattern

import (
	"regexp"
	"sync"
)

// Lazy returns a function that compiles an expression at its first call. It panics there if the expression is invalid.
func Lazy(expression string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
}
