package targets

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/release/verify"
)

// engineAsked puts a container engine that fails in place of docker, and reports whether it was asked for anything.
func engineAsked(t *testing.T) func() bool {
	t.Helper()
	dir := t.TempDir()
	asked := filepath.Join(dir, "asked")
	script := "#!/bin/sh\n: >" + asked + "\nexit 1\n"
	if err := os.WriteFile(filepath.Join(dir, "docker"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	return func() bool {
		err := os.Remove(asked)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
		return err == nil
	}
}

// Where other jobs verify the images, no image is started, whatever they have left: that the app's code does not run
// in a job that may write does not depend on it. What nothing proves is not promoted.
func TestProvenElsewhere(t *testing.T) {
	asked := engineAsked(t)
	dir := sampleApp(t)
	const platform = "linux/amd64"
	seen := verify.Health{
		Platform: platform, Digest: "sha256:new", Upgraded: "1.7.2",
		Back: verify.Back{Verdict: verify.Reversible, To: "1.7.2"},
	}
	other, older, none := seen, seen, seen
	other.Digest, older.Upgraded, older.Back.To, none.Back = "sha256:other", "1.7.1", "1.7.1", verify.Back{}
	unable := verify.Health{Platform: platform, Digest: "sha256:new", Unproven: "1.7.2"}
	const unseen = "image:verify: linux/amd64: dist/verify/linux-amd64.json does not say that sha256:new is healthy, " +
		"and -verify=elsewhere starts no image: run the verify jobs again"
	const outdated = "image:verify: linux/amd64: dist/verify/linux-amd64.json says that sha256:new is healthy, but " +
		"not on the data of 1.7.2, from which users upgrade now, and -verify=elsewhere starts no image: run the " +
		"verify jobs again"
	for name, test := range map[string]struct {
		left *verify.Health
		err  string
	}{
		"seen": {&seen, ""}, "the one before fails": {&unable, ""}, "nothing": {nil, unseen},
		"another image": {&other, unseen}, "another release came out": {&older, outdated},
		"no verdict": {&none, outdated},
	} {
		t.Run(name, func(t *testing.T) {
			for _, where := range []string{elsewhere, ""} {
				g := sampleGraph(t, dir, options{verify: where})
				p := publication{g, &memo{checks: func() (map[string]verify.Check, error) {
					return map[string]verify.Check{platform: {
						Repository: "localhost/app", Digest: "sha256:new", Platform: platform, Version: "1.7.3",
						Previous: &verify.Previous{Version: "1.7.2", Digest: "sha256:before"},
						Config:   g.app.Config.Verify,
					}}, nil
				}}}
				text, err := json.Marshal(test.left)
				if err != nil {
					t.Fatal(err)
				}
				if err := g.app.Save("verify/linux-amd64.json", text); err != nil {
					t.Fatal(err)
				}
				err = (verification{p}).prove(t.Context(), platform)
				if starts := asked(); starts != (where == "" && test.err != "") {
					t.Errorf("-verify=%s: an image was started: %t", where, starts)
				}
				said := ""
				if err != nil {
					said = err.Error()
				}
				if where == elsewhere && said != test.err {
					t.Errorf("the error is %q, expected %q", said, test.err)
				}
			}
		})
	}
}

// A flag whose only value is elsewhere takes no other one.
func TestOnlyElsewhere(t *testing.T) {
	for value, want := range map[string]string{
		"": "", elsewhere: "", "here": "-verify=here: the only value is elsewhere",
	} {
		if err := onlyElsewhere("verify", &value); (err == nil) != (want == "") ||
			err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", value, err)
		}
	}
}
