package targets

import (
	"io"
	"testing"
)

// A variable with an unknown value is refused, with the values that it may have.
func TestLogVariables(t *testing.T) {
	for _, test := range []struct{ name, value, want string }{
		{"LOG_LEVEL", "loud", `LOG_LEVEL: unknown level "loud", expected one of panic, fatal, error, warning, info, ` +
			`debug, trace`},
		{"LOG_LEVEL", "debug", ""},
		{"LOG_LEVEL", "", ""},
		{"LOG", "foo", `LOG: unknown value "foo", expected full, which shows the output of all steps, or none`},
		{"LOG", "full", ""},
		{"LOG", "", ""},
	} {
		t.Run(test.name+"="+test.value, func(t *testing.T) {
			t.Setenv("LOG", "")
			t.Setenv("LOG_LEVEL", "")
			t.Setenv(test.name, test.value)
			said := ""
			if _, err := newLog(io.Discard); err != nil {
				said = err.Error()
			}
			if said != test.want {
				t.Errorf("%s, expected %s", said, test.want)
			}
		})
	}
}
