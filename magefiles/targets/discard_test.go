package targets

import (
	"testing"
	"time"
)

func TestAge(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "new", 59 * time.Second: "new", 90 * time.Second: "1 minute", 59 * time.Minute: "59 minutes",
		time.Hour: "1 hour", 47 * time.Hour: "1 day", 48 * time.Hour: "2 days", 9 * 24 * time.Hour: "9 days",
	} {
		if got := age(d); got != want {
			t.Errorf("%s: %q, expected %q", d, got, want)
		}
	}
}
