package spelling

import (
	"slices"
	"testing"
)

func TestNear(t *testing.T) {
	known := []string{"test", "tests", "lint", "releaseCheck", "release"}
	for word, want := range map[string][]string{
		"tset":          {"test"},
		"test":          {"test", "tests"},
		"RELEASECHECK":  {"releaseCheck"},
		"release-check": {"releaseCheck"},
		"zzzz":          {},
		"":              {},
	} {
		if got := Near(word, known); !slices.Equal(got, want) {
			t.Errorf("%q: %q, expected %q", word, got, want)
		}
	}
}
