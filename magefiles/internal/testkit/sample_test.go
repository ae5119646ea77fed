package testkit

import (
	"slices"
	"testing"
)

func TestSample(t *testing.T) {
	list := []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}
	for _, test := range []struct {
		tier string
		most int
		want []int
	}{
		{"", 4, []int{0, 3, 6, 9}},
		{"", 10, list},
		{"", 20, list},
		{"all", 4, list},
	} {
		t.Setenv("ODIN_RELEASE_TEST", test.tier)
		if got := Sample(list, test.most); !slices.Equal(got, test.want) {
			t.Errorf("%q, %d: %v", test.tier, test.most, got)
		}
	}
}
