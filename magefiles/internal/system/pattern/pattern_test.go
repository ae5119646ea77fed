package pattern_test

import (
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/pattern"
)

func TestLazy(t *testing.T) {
	number := pattern.Lazy(`^\d+$`)
	first := number()
	if !first.MatchString("12") || first.MatchString("x") || number() != first {
		t.Error("it is not the expression, compiled once")
	}
	broken := pattern.Lazy(`(`)
	defer func() {
		if recover() == nil {
			t.Error("an invalid expression was compiled")
		}
	}()
	broken()
}
