package targets

import (
	"strings"
	"testing"
)

// helps is a program with the help of its own targets.
type helps map[string]string

func (h helps) help(target string) (string, bool) {
	text, is := h[strings.ToLower(target)]
	return text, is
}

// Nothing runs if a later target, or a flag of one, does not exist.
func TestCheckTargets(t *testing.T) {
	own := helps{"smoke": "Usage: ..", "test": "Usage:\n\n\tmage test\n\nAliases: check, verify-all\n\n"}
	for line, want := range map[string]string{
		"lint":                     "",
		"lint test releaseCheck":   "",
		"LINT -again backend:unit": "",
		"lint -again=true -only=backend:lint test":   "",
		"tag -yes relaese":                           `nothing was run: there is no target "relaese"; did you mean `,
		"tag -yes xxxxxxxxxxxx":                      `nothing was run: there is no target "xxxxxxxxxxxx"; the `,
		"lint smoke what it takes":                   "",
		"lint check":                                 "",
		"lint verify-all -x":                         "",
		"lint tag -dry":                              "nothing was run: tag does not take -dry; it takes -tag=",
		"lint version -dry":                          "nothing was run: version does not take -dry",
		"verify v1.8.0 -key=cosign.pub lint":         "",
		"rollback v1.8.0 lnt":                        `nothing was run: there is no target "lnt"; did you mean lint, `,
		"help lint":                                  "",
		"help lnt tset":                              `nothing was run: there is no target "tset"; did you mean test`,
		"changelog -all plan -tag=v1.8.0 -format=md": "",
	} {
		err := checkTargets(strings.Fields(line), allManuals(t), own)
		if want == "" && err != nil || want != "" && (err == nil || !strings.HasPrefix(err.Error(), want)) {
			t.Errorf("%s: %v, want %q", line, err, want)
		}
	}
}
