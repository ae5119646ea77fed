package image

import (
	"fmt"
	"strings"
	"testing"
)

func TestReason(t *testing.T) {
	const end = "------\n > [linux/amd64 build 3/4] RUN npm run build:\n0.2 x\n------\nDockerfile:23\n" +
		"--------------------\n  23 | >>> RUN npm run build\n--------------------\n" +
		"ERROR: failed to solve: process \"x\"\n"
	const first, last = "Dockerfile:23: [linux/amd64 build 3/4] RUN npm run build\n", "failed to solve: process \"x\""
	var many, shown strings.Builder
	for i := range 40 {
		fmt.Fprintf(&many, "#18 0.%d line %d\n", i, i)
		if i >= 40-outputLines {
			fmt.Fprintf(&shown, "  line %d\n", i)
		}
	}
	for name, test := range map[string]struct{ output, want string }{
		"a failing instruction": {
			"#17 0.1 of another\n#18 0.215 npm error code E404\n#18 ERROR: process \"x\"\n" +
				"#17 ERROR: context canceled\n" + end,
			first + "  npm error code E404\n" + last,
		},
		"a long output": {many.String() + "#18 ERROR: process \"x\"\n" + end, first + shown.String() + last},
		"a stack trace": {
			"#18 2.6 src/main.tsx:1:8: cannot resolve ./missing\n#18 2.6     at build (file:///src/a.mjs:50:18)\n" +
				"#18 2.6     at async CAC.<anonymous> (file:///src/cli.js:789:3) {\n" +
				"#18 2.6   errors: [Getter/Setter]\n#18 2.6 }\n" +
				"#18 2.6 \n#18 ERROR: process \"x\"\n" + end,
			first + "  src/main.tsx:1:8: cannot resolve ./missing\n" + last,
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

func FuzzReason(f *testing.F) {
	f.Add("#18 0.2 x\n#18 ERROR: y\n > [a] RUN b:\nDockerfile:1\nERROR: z\n")
	f.Fuzz(func(t *testing.T, output string) {
		if got := strings.Count(reason(output), "\n"); got > outputLines+2 {
			t.Fatalf("%d lines", got)
		}
	})
}
