package image

import (
	"fmt"
	"strings"
	"testing"
)

func TestReason(t *testing.T) {
	var many strings.Builder
	for i := range 40 {
		fmt.Fprintf(&many, "0.%d line %d\n", i, i)
	}
	for name, test := range map[string]struct{ output, want string }{
		"a failing RUN": {
			"#18 0.215 npm error code E404\n#18 ERROR: process \"x\"\n------\n" +
				" > [linux/amd64 build 3/4] RUN npm ci:\n0.215 npm error code E404\n------\nDockerfile:23\n--------------------\n  23 | >>> RUN npm ci\n" +
				"--------------------\nERROR: failed to solve: process \"x\"\n",
			"Dockerfile:23: [linux/amd64 build 3/4] RUN npm ci\n  0.215 npm error code E404\n" +
				"failed to solve: process \"x\"",
		},
		"a long output": {
			"------\n > [build] RUN x:\n" + many.String() + "------\nERROR: failed to solve: x\n",
			"[build] RUN x\n  0.28 line 28\n  0.29 line 29\n  0.30 line 30\n  0.31 line 31\n  0.32 line 32\n" +
				"  0.33 line 33\n  0.34 line 34\n  0.35 line 35\n  0.36 line 36\n  0.37 line 37\n  0.38 line 38\n" +
				"  0.39 line 39\nfailed to solve: x",
		},
		"an error before any instruction": {
			"Dockerfile:3\n--------------------\nERROR: failed to solve: unknown instruction: RUM\n",
			"Dockerfile:3: failed to solve: unknown instruction: RUM",
		},
		"no error": {"#1 DONE 0.0s\n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := reason(test.output); got != test.want {
				t.Errorf("%q, expected %q", got, test.want)
			}
		})
	}
}
