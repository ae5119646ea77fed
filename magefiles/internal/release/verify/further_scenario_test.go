//go:build scenario

package verify_test

import (
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/verify"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/scratch"
)

// A further image is pulled, and started as its key says. Nothing is left of it.
func TestScenarioVerifyFurther(t *testing.T) {
	own := runtime.GOARCH
	built := buildApp(t, newRegistry(t), own)
	const second = app.Duration(time.Second)
	for name, each := range map[string]struct {
		how          app.FurtherVerify
		env          []string
		architecture string
		missing      bool
		seen, err    string
	}{
		"pulled":  {seen: "pulled"},
		"missing": {missing: true, err: "manifest unknown"},
		"answers": {how: app.FurtherVerify{Health: "/health"}, seen: "GET /health answers 200"},
		"refuses": {
			how: app.FurtherVerify{Health: "/health", Timeout: second}, env: []string{"NEVER=1"},
			err: "it took longer than 1s: ",
		},
		"exits": {how: app.FurtherVerify{Health: "/health"}, env: []string{"EXITS=1"}, err: "exited with code 4"},
		"environment": {
			how: app.FurtherVerify{Health: "/health", Env: map[string]string{"EXITS": "1"}}, err: "exited with code 4",
		},
		"command": {how: app.FurtherVerify{Command: []string{"status"}}, seen: "status exits with 0"},
		"fails": {
			how: app.FurtherVerify{Command: []string{"status"}}, env: []string{"FATAL=1"},
			err: "status exited with code 3, expected 0; its log ends: ",
		},
		"is not of this machine, and not started": {architecture: "s390x", seen: "pulled"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			architecture := own
			if each.architecture != "" {
				architecture = each.architecture
			}
			repository := "further-" + strings.NewReplacer(" ", "-", ",", "").Replace(name)
			check := verify.Check{
				Repository: built.host + "/" + repository, Platform: "linux/" + architecture, Version: "1.7.3",
				Image: "ghcr.io/ada/agent", Further: each.how,
				Digest: built.push(t, repository, architecture, append(each.env, "FOR="+name)...),
			}
			if each.missing {
				check.Digest = "sha256:" + strings.Repeat("0", 64)
			}
			if check.Further.Port = 8000; check.Further.Timeout == 0 {
				check.Further.Timeout = app.Duration(40 * time.Second)
			}
			told := &lines{}
			runner := &run.Runner{Env: run.Environ(os.Environ()), Out: run.Locked(&told.shown)}
			temporary := scratch.New(runs, told.Warnf)
			health, err := verify.Further(t.Context(), runner, temporary, told, check)
			if err := temporary.Close(); err != nil {
				t.Error(err)
			}
			want := verify.Health{Image: check.Image, Platform: check.Platform, Digest: check.Digest, Seen: each.seen}
			switch {
			case each.err == "" && (err != nil || health != want):
				t.Errorf("%+v, %v\n%s", health, err, told.all())
			case each.err != "" && (err == nil || !strings.Contains(err.Error(), each.err) ||
				!strings.HasPrefix(err.Error(), "image:verify: "+check.Platform+": ghcr.io/ada/agent: ")):
				t.Errorf("%v, expected %s", err, each.err)
			}
			if left := left(t, check); left != "" {
				t.Errorf("something is left: %s", left)
			}
		})
	}
}
