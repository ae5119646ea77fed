package run_test

import (
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
)

func TestPlain(t *testing.T) {
	for text, want := range map[string]string{
		"plain":                                "plain",
		"\x1b[1;31mred\x1b[0m":                 "red",
		"a\x1b]8;;https://x\x07b\x1b]8;;\x07c": "abc",
		"a\x1b]0;title\x1b\\b":                 "ab",
		"up\x1b[3Aup":                          "upup",
		"bell\a, back\b, tab\t.":               "bell, back, tab .",
		"cut\x1b[":                             "cut",
		"cut\x1b":                              "cut",
		"\x9b31mC1":                            "?31mC1",
		"wide 漢字 é":                            "wide 漢字 é",
	} {
		if got := run.Plain(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func FuzzPlain(f *testing.F) {
	f.Add("\x1b[31mred\x1b[0m")
	f.Add("\x1b]8;;x\x1b\\")
	f.Fuzz(func(t *testing.T, text string) {
		for _, r := range run.Plain(text) {
			if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 {
				t.Fatalf("%q has %U", text, r)
			}
		}
	})
}
