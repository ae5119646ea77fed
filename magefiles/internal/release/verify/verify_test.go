package verify

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/name"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
)

func TestParseStatus(t *testing.T) {
	api := program{"api", "RUNNING", "pid 12, uptime 0:00:05"}
	for out, want := range map[string][]program{
		"api                              RUNNING   pid 12, uptime 0:00:05\n": {api},
		"api RUNNING pid 12, uptime 0:00:05\r\nmonitor STARTING \n\n": {
			api,
			{"monitor", "STARTING", ""},
		},
		"web:web_00   FATAL     Exited too quickly (process log may have details)": {
			{"web:web_00", "FATAL", "Exited too quickly (process log may have details)"},
		},
		"a EXITED Nov 22 10:00 PM\nb BACKOFF can't find command 'x'\nc STOPPED Not started": {
			{"a", "EXITED", "Nov 22 10:00 PM"},
			{"b", "BACKOFF", "can't find command 'x'"},
			{"c", "STOPPED", "Not started"},
		},
		"": nil,
		"unix:///tmp/supervisor.sock no such file":              nil,
		"api RUNNING pid 1\nTraceback (most recent call last):": nil,
	} {
		got, err := parseStatus(out)
		if (err != nil) != (want == nil) {
			t.Errorf("%q: error %v", out, err)
		}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(program{})); diff != "" {
			t.Errorf("%q (-want +got):\n%s", out, diff)
		}
	}
}

func TestAllRunning(t *testing.T) {
	for out, want := range map[string]string{
		"a RUNNING pid 1":             "",
		"a RUNNING pid 1\nb STARTING": "later: the program b is STARTING",
		"a STARTING\nb FATAL Exited too quickly\nc EXITED": "the program b is FATAL (Exited too quickly), " +
			"expected RUNNING",
		"a STOPPED Not started": "the program a is STOPPED (Not started), expected RUNNING",
	} {
		programs, err := parseStatus(out)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if err := allRunning(programs); err != nil {
			got = err.Error()
			if errors.As(err, new(notYetError)) {
				got = "later: " + got
			}
		}
		if got != want {
			t.Errorf("%q: %q, expected %q", out, got, want)
		}
	}
}

func TestSameProcesses(t *testing.T) {
	parse := func(out string) []program {
		programs, err := parseStatus(out)
		if err != nil {
			t.Fatal(err)
		}
		return programs
	}
	before := parse("a RUNNING pid 1, uptime 0:00:05\nb RUNNING pid 2, uptime 0:00:05")
	for out, want := range map[string]string{
		"b RUNNING pid 2, uptime 0:01:05\na RUNNING pid 1, uptime 0:01:05": "",
		"a RUNNING pid 1, uptime 0:01:05\nb RUNNING pid 22, uptime " +
			"0:00:01": "the program b was restarted: it was pid 2, now it is pid 22",
		"a RUNNING pid 1, uptime 0:01:05": "the program b is no longer listed",
	} {
		err := sameProcesses(before, parse(out))
		if got := text(err); got != want {
			t.Errorf("%q: %q, expected %q", out, got, want)
		}
	}
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestContainsVersion(t *testing.T) {
	for _, in := range []string{
		"1.7.3",
		`const v="1.7.3";`,
		"v1.7.3 ",
		"11.7.3 or 1.7.3",
		"1.7.3-rc.1, then 1.7.3",
		"1.7.3 - new",
		"ü1.7.3ü",
	} {
		if !containsVersion(in, "1.7.3") {
			t.Errorf("%q does not carry it", in)
		}
	}
	for _, in := range []string{
		"",
		"1.7",
		"11.7.3",
		"0.1.7.3",
		"1.7.30",
		"1.7.3.1",
		"1.7.3-rc.1",
		"1.7.3+build",
		"1.7.33 1.7.31",
	} {
		if containsVersion(in, "1.7.3") {
			t.Errorf("%q contains it", in)
		}
	}
	if !containsVersion("1.8.0-rc.1", "1.8.0-rc.1") || containsVersion("1.8.0-rc.10", "1.8.0-rc.1") ||
		containsVersion("x", "") {
		t.Error("prereleases")
	}
}

func TestAssets(t *testing.T) {
	page, err := url.Parse("http://127.0.0.1:49153/app/")
	if err != nil {
		t.Fatal(err)
	}
	got := assets(page, `<!doctype html><!-- <script src="/comment.js"></script> -->
<script type="module" crossorigin src="/assets/index-a1.js?v=1&amp;w=2"></script><SCRIPT defer SRC=relative.js></SCRIPT>
<link rel="icon" href="/favicon.svg"><link href='style.css' rel='preload stylesheet'/>
<link rel="modulepreload" title="a > b" href="./chunk.js">
<script data-src="/data.js">var a = "<script>"</script><script src="https://cdn.example.org/x.js"></script>
<script src="//cdn.example.org/y.js"></script><script src="http://[::1"></script><script src=""></script>
<script src="/assets/index-a1.js?v=1&amp;w=2"></script><scripted src="/no.js"><link rel="stylesheet">`)
	want := []string{"/assets/index-a1.js?v=1&w=2", "/app/relative.js", "/app/style.css", "/app/chunk.js"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestServerKey(t *testing.T) {
	for in, want := range map[string]string{
		"ghcr.io/a/b":      "ghcr.io",
		"127.0.0.1:5001/a": "127.0.0.1:5001",
		"a/b":              "https://index.docker.io/v1/",
	} {
		repository, err := name.NewRepository(in)
		if err != nil {
			t.Fatal(err)
		}
		if got := serverKey(repository); got != want {
			t.Errorf("%s: %s, expected %s", in, got, want)
		}
	}
}

func TestPlain(t *testing.T) {
	failed := func(tail string, cause error) error { return &run.Error{Code: 1, Tail: tail, Cause: cause} }
	for want, err := range map[string]error{
		"": nil, "other": errors.New("other"),
		"docker pull: timed out": failed("x", errors.New("timed out")),
		"docker pull exited with code 1: no such port": failed(
			"warning\nError response from daemon: no such port\nError: failed to start containers: x",
			nil,
		),
		"docker pull exited with code 1: last[31m": failed("first\nlast\x1b[31m", nil),
	} {
		if got := text(plain("pull", err)); got != want {
			t.Errorf("%q, expected %q", got, want)
		}
	}
}

func TestPollTellsTheLastFailure(t *testing.T) {
	native := &engine{platform: "linux/amd64", own: "linux/amd64"}
	c := &service{container: &container{verification: &verification{engine: native}, started: time.Now()}}
	c.Config.Timeout = 1
	ctx, cancel := c.bound(t.Context())
	defer cancel()
	tries := 0
	err := poll(t.Context(), func(context.Context) error {
		if tries++; tries == 1 {
			return notYetError{errors.New("refused")}
		}
		return errors.New("final")
	})
	if text(err) != "final" || tries != 2 {
		t.Errorf("%v after %d tries", err, tries)
	}
	if err := poll(
		ctx,
		func(context.Context) error { return nil },
	); err == nil ||
		!strings.HasPrefix(err.Error(), "not healthy within 1ns (verify.timeout)") {
		t.Errorf("error %v", err)
	}
}

// FuzzStatus takes any text for the output of supervisorctl.
func FuzzStatus(f *testing.F) {
	for _, seed := range []string{
		"",
		"api RUNNING pid 12, uptime 0:00:05\nb FATAL x\n",
		"a STARTING",
		"\x1b[0mx UNKNOWN",
		"a\tEXITED\u2028b",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, out string) {
		programs, err := parseStatus(out)
		if (err == nil) != (len(programs) > 0) {
			t.Fatalf("%d programs and %v", len(programs), err)
		}
		healthy := err == nil && !slices.ContainsFunc(programs, func(p program) bool { return p.state != "RUNNING" })
		if err == nil && healthy != (allRunning(programs) == nil) {
			t.Fatalf("%v: %v", programs, allRunning(programs))
		}
		if err == nil && sameProcesses(programs, programs[:0]) == nil {
			t.Fatal("no program is the same as some")
		}
	})
}

// FuzzPage takes any text for a page: the assets are on the page's own host, and a
// version is found exactly when it stands alone.
func FuzzPage(f *testing.F) {
	for _, seed := range []string{
		`<script src="/a.js"></script>`,
		`<link rel=stylesheet href='//x/b.css'>`,
		`<script src="http:x"/><!--`,
		`<script src=?1.7.3>`,
		"11.7.3 1.7.3",
	} {
		f.Add(seed)
	}
	page, err := url.Parse("http://127.0.0.1:1/app/")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, content string) {
		for _, path := range assets(page, content) {
			if to, err := url.Parse("http://127.0.0.1:1" + path); err != nil || to.Host != page.Host {
				t.Errorf("%q leads to %v, %v", path, to, err)
			}
		}
		if containsVersion(content, "1.7.3") && !strings.Contains(content, "1.7.3") ||
			!containsVersion(content+" 1.7.3", "1.7.3") {
			t.Error("the version")
		}
	})
}
