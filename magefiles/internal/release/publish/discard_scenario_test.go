//go:build scenario

package publish_test

import (
	"fmt"
	"testing"
)

// TestNightlyDiscardInterrupted kills a run at each of the requests that change something.
func TestNightlyDiscardInterrupted(t *testing.T) {
	for _, referrers := range []bool{false, true} {
		template, b, before := drafted(t, referrers)
		total := template.killedDiscarding(t, b, before, 0, false)
		if total < 25 {
			t.Fatalf("a whole run has %d requests that change something", total)
		}
		for at := int32(1); at <= total; at++ {
			for _, after := range []bool{false, true} {
				t.Run(fmt.Sprint(referrers, at, after), func(t *testing.T) {
					template.killedDiscarding(t, b, before, at, after)
				})
			}
		}
	}
}
