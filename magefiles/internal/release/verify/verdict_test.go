package verify

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

func TestBackOf(t *testing.T) {
	const amd, arm = "linux/amd64", "linux/arm64"
	yes := Back{Verdict: Reversible, To: "1.7.2"}
	older := Back{Verdict: Reversible, To: "1.7.1"}
	no := Back{Irreversible, "1.7.2", "it exits"}
	first := Back{Verdict: NoVerdict, Why: "it is the first release"}
	for _, each := range []struct {
		name           string
		one, other     Back
		want, sentence string
	}{
		{"both", yes, yes, "to 1.7.2", "You can go back to 1.7.2."},
		{
			"one", yes, no, "NOT to 1.7.2 without a backup: on linux/arm64, it exits",
			"There is no way back to 1.7.2 without a backup: on linux/arm64, it exits",
		},
		{
			"none", no, no, "NOT to 1.7.2 without a backup: it exits",
			"There is no way back to 1.7.2 without a backup: it exits",
		},
		{"the first", first, first, "no verdict: it is the first release", ""},
		{"a new platform", yes, first, "no verdict: on linux/arm64, it is the first release", ""},
		{"the worst counts", no, first, "NOT to 1.7.2 without a backup: on linux/amd64, it exits",
			"There is no way back to 1.7.2 without a backup: on linux/amd64, it exits"},
		{"different ones", yes, older, "no verdict: it leads to 1.7.2 on linux/amd64, and to 1.7.1 on linux/arm64", ""},
		{"from before verdicts", Back{}, yes, "", ""},
		{
			"unable", noVerdict("1.7.2", "its own image fails"), noVerdict("1.7.2", "its own image fails"),
			"no verdict: its own image fails", "Whether you can go back to 1.7.2 is not known: its own image fails",
		},
	} {
		back := BackOf([]Health{{Platform: amd, Back: each.one}, {Platform: arm, Back: each.other}})
		if back.Text() != each.want || back.Sentence() != each.sentence {
			t.Errorf("%s: %q, %q", each.name, back.Text(), back.Sentence())
		}
	}
	more := []Health{{Platform: amd, Back: yes}, {Image: "ghcr.io/ada/agent", Platform: amd, Seen: pulled}}
	if back := BackOf(more); back != yes {
		t.Errorf("with a further image: %+v", back)
	}
	if back := BackOf(nil); back != (Back{}) {
		t.Errorf("without an image: %+v", back)
	}
}

// What was recorded before there were verdicts is read, and written, as it was.
func TestHealthWithoutVerdict(t *testing.T) {
	const old = `{"platform":"linux/amd64","digest":"sha256:0","upgraded":"1.7.2"}`
	var health Health
	if err := json.Unmarshal([]byte(old), &health); err != nil {
		t.Fatal(err)
	}
	if now, err := json.Marshal(health); err != nil || string(now) != old || health.Back.Text() != "" {
		t.Errorf("%s, %v", now, err)
	}
}

func TestReason(t *testing.T) {
	for in, want := range map[string]string{
		"GET /x answered 500; its log is empty": "GET /x answered 500",
		"a\nb\tc":                               "a b c",
		strings.Repeat("ä", 500):                strings.Repeat("ä", 400) + "…",
	} {
		if got := reason(errors.New(in)); got != want {
			t.Errorf("%q: %q", in, got)
		}
	}
}
