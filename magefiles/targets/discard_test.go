package targets

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

// TestDoctorWithoutOrigin tells at once what a release lacks, also where the repository on GitHub is not known.
func TestDoctorWithoutOrigin(t *testing.T) {
	clone := testkit.NewClone(t)
	clone.Write("release.yaml", "build: {frontend: {absent: a}, vendor: {absent: a}, image: {absent: a}}\n"+
		"versionFiles: {absent: a}\n")
	clone.Git("add", "--all")
	clone.Git("commit", "--quiet", "--message", "feat: a beginning")
	found, err := app.Find(clone.Dir)
	if err != nil {
		t.Fatal(err)
	}
	p, err := newSession(t.Context(), found, outside{}, io.Discard, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	rows, _ := examiner{p}.releaseNeeds(t.Context())
	for _, want := range []string{errNowhere.Error(), "log in to GitHub", "announce on Discord"} {
		if !slices.ContainsFunc(rows, func(row []string) bool {
			return row[1] == want && strings.HasPrefix(row[2], "not yet: ")
		}) {
			t.Errorf("%s is not told: %q", want, rows)
		}
	}
}

// TestDoctorOfDrafts has no commit, so that no version can be planned: the drafts are looked up all the same, and when
// GitHub refuses, that is said.
func TestDoctorOfDrafts(t *testing.T) {
	for status, want := range map[int]string{http.StatusOK: "", http.StatusForbidden: "not known: "} {
		asked := 0
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "/repos/ada/shop/releases") {
				asked++
			}
			w.WriteHeader(status)
			_, _ = io.WriteString(w, "[]")
		}))
		t.Cleanup(server.Close)
		clone := testkit.NewClone(t)
		clone.Write("release.yaml", plain)
		found, err := app.Find(clone.Dir)
		if err != nil {
			t.Fatal(err)
		}
		out := outside{api: server.URL, repository: "ada/shop", token: "t"}
		p, err := newSession(t.Context(), found, out, io.Discard, io.Discard)
		if err != nil {
			t.Fatal(err)
		}
		rows, _ := examiner{p}.releaseNeeds(t.Context())
		got := map[string]string{}
		for _, row := range rows {
			got[row[1]] = row[2]
		}
		if drafts := got["drafts"]; asked == 0 || !strings.HasPrefix(drafts, want) || (drafts == "") != (want == "") ||
			!strings.HasPrefix(got["a version"], "not yet: ") {
			t.Errorf("%d, after %d requests: %q", status, asked, rows)
		}
	}
}

func TestAge(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "new", 59 * time.Second: "new", 90 * time.Second: "1 minute", 59 * time.Minute: "59 minutes",
		time.Hour: "1 hour", 47 * time.Hour: "1 day", 48 * time.Hour: "2 days", 9 * 24 * time.Hour: "9 days",
	} {
		if got := age(d); got != want {
			t.Errorf("%s: %q, expected %q", d, got, want)
		}
	}
}
