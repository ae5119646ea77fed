//go:build scenario

package targets_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/match"
	"github.com/google/go-containerregistry/pkg/v1/partial"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/hughkantsime/odin-release/magefiles/internal/testkit/browser"
)

// pageLimit bounds each wait for a page, and for a container.
const pageLimit = browser.Limit

// TestScenarioBrowser opens the previous image and then, on the same volume,
// the released one, in a real browser: the footer shows the version, what is
// added in the page is there after a reload and after the upgrade, and the page
// has no errors.
func TestScenarioBrowser(t *testing.T) {
	t.Parallel()
	dir, _ := rehearsed(t)
	images := filepath.Join(dir, "dist", "rehearsal")
	chromium := browser.Start(t)
	t.Run("faults are seen", func(t *testing.T) { seesFaults(chromium, t) })

	server := httptest.NewServer(registry.New(registry.Logger(log.New(io.Discard, "", 0))))
	t.Cleanup(server.Close)
	repository := strings.TrimPrefix(server.URL, "http://") + "/browser"
	label := fmt.Sprintf("io.github.hughkantsime.odin-release.browser=%d", os.Getpid())
	t.Cleanup(func() {
		left := inEngine(
			t,
			"ps",
			"--all",
			"--quiet",
			"--filter",
			"label="+label,
		) + inEngine(
			t,
			"volume",
			"ls",
			"--quiet",
			"--filter",
			"label="+label,
		) +
			inEngine(
				t,
				"image",
				"ls",
				"--quiet",
				repository,
			)
		if left != "" {
			t.Errorf("left in the engine: %s", left)
		}
	})
	volume := inEngine(t, "volume", "create", "--label", label)
	t.Cleanup(func() { inEngine(t, "volume", "rm", volume) })

	ada, zoe := printer{"Ada", "Voron 2.4", "PLA, PETG"}, printer{"Zoe", "Prusa MK4", "ASA"}
	for _, each := range []struct {
		version, layout string
		there           []printer // when the page is opened
		added           printer
		after           []printer // it was added
	}{
		{"1.7.2", "before/dist/image.oci", []printer{}, ada, []printer{ada}},
		{"1.7.3", "app/dist/image.oci", []printer{ada}, zoe, []printer{ada, zoe}},
	} {
		if !t.Run("v"+each.version, func(t *testing.T) {
			image := pullLayout(t, filepath.Join(images, each.layout), repository)
			page := tab{browser.Open(chromium, t)}
			url := startImage(t, image, each.version, "--label", label, "--volume", volume+":/data")
			page.Do("open the page", chromedp.Navigate(url))
			page.shows(each.version, each.there)
			page.add(each.added)
			page.shows(each.version, each.after)
			page.Do("reload the page", chromedp.Reload())
			page.shows(each.version, each.after)
			// Left before the container stops, as the page asks it again and again.
			page.Do("leave the page", chromedp.Navigate("about:blank"))

			faults, answers := page.Seen()
			if len(faults) != 0 {
				t.Errorf("the page has errors:\n%s", strings.Join(faults, "\n"))
			}
			if posted := "POST " + url + "/api/v1/printers: 201"; !slices.Contains(answers, posted) {
				t.Errorf("no %q in what the browser saw:\n%s", posted, strings.Join(answers, "\n"))
			}
		}) {
			return // the next one would only fail for the same reason
		}
	}
}

// seesFaults shows that each kind of fault would be seen, and that the browser
// can reach nothing but loopback's address.
func seesFaults(chromium context.Context, t *testing.T) {
	for _, each := range []struct{ name, script, fault string }{
		{"none", `fetch("/").then(() => console.log("done"))`, ""},
		{"console.error", `console.error("no", {printer: 1})`, `console.error: no Object`},
		{"console.assert", `console.assert(false, "never")`, "console.assert: never"},
		{"exception", `setTimeout(() => { throw new Error("unexpected") })`, "exception: Uncaught Error: unexpected"},
		{"rejection", `Promise.reject(new Error("forgotten"))`, "exception: Uncaught (in promise) Error: forgotten"},
		{"missing", `fetch("/missing")`, "GET {url}/missing: 404"},
		{"broken off", `fetch("/broken")`, "GET {url}/broken: net::ERR_"},
		{
			"log",
			`fetch("/missing")`,
			"log: Failed to load resource: the server responded with a status of 404 (Not Found) {url}/missing",
		},
		{"outside", `fetch("http://localhost:{port}/")`, "GET http://localhost:{port}/: net::ERR_NAME_NOT_RESOLVED"},
	} {
		t.Run(each.name, func(t *testing.T) {
			page := tab{browser.Open(chromium, t)}
			var script string
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				switch r.URL.Path {
				case "/":
					fmt.Fprintf(w, `<!doctype html><link rel="icon" href="data:,"><script>%s</script>`, script)
				case "/broken":
					panic(http.ErrAbortHandler)
				default:
					http.NotFound(w, r)
				}
			}))
			t.Cleanup(server.Close)
			fill := strings.NewReplacer(
				"{url}",
				server.URL,
				"{port}",
				server.URL[strings.LastIndex(server.URL, ":")+1:],
			)
			script = fill.Replace(each.script)
			page.Do("open the page", chromedp.Navigate(server.URL))
			if each.fault == "" {
				page.until("both answers are seen", func(_, answers []string) bool { return len(answers) == 2 })
				if faults, _ := page.Seen(); len(faults) != 0 {
					t.Errorf("faults in a page that has none: %q", faults)
				}
				return
			}
			page.until(fill.Replace(each.fault)+" is seen", func(faults, _ []string) bool {
				return slices.ContainsFunc(
					faults,
					func(fault string) bool { return strings.HasPrefix(fault, fill.Replace(each.fault)) },
				)
			})
		})
	}
}

// pullLayout serves the machine's own image of an OCI layout from a registry,
// has the engine pull it, and returns its name there.
func pullLayout(t *testing.T, dir, repository string) string {
	t.Helper()
	index, err := layout.ImageIndexFromPath(dir)
	if err != nil {
		t.Fatal(err)
	}
	platform := v1.Platform{OS: "linux", Architecture: runtime.GOARCH}
	found, err := partial.FindImages(index, match.Platforms(platform))
	if err != nil || len(found) != 1 {
		t.Fatalf("%s has %d images for %s, expected 1; error %v", dir, len(found), platform, err)
	}
	digest, err := found[0].Digest()
	if err != nil {
		t.Fatal(err)
	}
	at, err := name.NewDigest(repository + "@" + digest.String())
	if err != nil {
		t.Fatal(err)
	}
	if err := remote.Write(at, found[0], remote.WithContext(t.Context())); err != nil {
		t.Fatal(err)
	}
	inEngine(t, "pull", "--quiet", "--platform", platform.String(), at.String())
	t.Cleanup(func() { inEngine(t, "image", "rm", at.String()) })
	return at.String()
}

// startImage starts a container, which is stopped when the test ends, waits
// until it is healthy as that version, and returns its URL.
func startImage(t *testing.T, image, version string, options ...string) string {
	t.Helper()
	id := inEngine(t, slices.Concat([]string{"create", "--publish", "127.0.0.1::8000"}, options, []string{image})...)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the container's log:\n%s", inEngine(t, "logs", id))
		}
		inEngine(t, "stop", id)                       // an end in order, as before an upgrade
		inEngine(t, "rm", "--force", "--volumes", id) // a named volume stays
	})
	inEngine(t, "start", id)
	url := "http://" + inEngine(t, "port", id, "8000/tcp")
	await(t, "the container is healthy", func() error {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/api/v1/health", nil)
		if err != nil {
			return err
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return err
		}
		defer response.Body.Close()
		var health struct{ Status, Version string }
		if err := json.NewDecoder(response.Body).
			Decode(&health); err != nil || health.Status != "ok" ||
			health.Version != version {
			return fmt.Errorf("answer %d, %+v, error %w", response.StatusCode, health, err)
		}
		return nil
	})
	return url
}

// await asks until there is no error any more.
func await(t *testing.T, what string, ask func() error) {
	t.Helper()
	deadline, pause := time.After(pageLimit), time.NewTicker(50*time.Millisecond)
	defer pause.Stop()
	for {
		err := ask()
		if err == nil {
			return
		}
		select {
		case <-pause.C:
		case <-deadline:
			t.Fatalf("wait until %s: %v", what, err)
		}
	}
}

// inEngine runs the docker command line, also when the test is over.
func inEngine(t *testing.T, args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(context.WithoutCancel(t.Context()), "docker", args...).CombinedOutput()
	if err != nil {
		t.Errorf("docker %v: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}
