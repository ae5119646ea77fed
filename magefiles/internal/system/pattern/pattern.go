// Package pattern compiles regular expressions when they are first used: compiling all of them takes a tenth of the
// time of a check with nothing to do, which uses few.
package pattern

import (
	"regexp"
	"sync"
)

// Lazy returns a function that compiles an expression at its first call. It panics there if the expression is invalid.
func Lazy(expression string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
}
