package registry

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/image"
)

func TestLatestAsksTheRegistry(t *testing.T) {
	server := httptest.NewServer(registry.New(registry.Logger(log.New(io.Discard, "", 0))))
	defer server.Close()
	host := strings.TrimPrefix(server.URL, "http://")
	labelled, err := mutate.Config(empty.Image, v1.Config{Labels: map[string]string{image.VersionKey: "1.7.1"}})
	if err != nil {
		t.Fatal(err)
	}
	plain, err := random.Image(10, 1)
	if err != nil {
		t.Fatal(err)
	}
	index := mutate.AppendManifests(empty.Index, mutate.IndexAddendum{Add: labelled})
	for repository, pushed := range map[string]remote.Taggable{
		"annotated": mutate.Annotations(index, map[string]string{image.VersionKey: "1.7.2"}).(v1.ImageIndex),
		"labelled":  index, "single": labelled, "silent": plain, "empty": empty.Index,
	} {
		tag, err := name.NewTag(host + "/" + repository + ":latest")
		if err != nil {
			t.Fatal(err)
		}
		if err := remote.Push(tag, pushed); err != nil {
			t.Fatal(err)
		}
	}
	for repository, want := range map[string]string{
		"annotated": "1.7.2",
		"labelled":  "1.7.1",
		"single":    "1.7.1",
		"silent":    "",
		"empty":     "",
	} {
		got := latestOf(t, host+"/"+repository)
		if !got.Asked || got.Version != want || !strings.HasPrefix(got.Digest, "sha256:") {
			t.Errorf("%s: %+v", repository, got)
		}
	}
	if diff := cmp.Diff(Answer{Asked: true}, latestOf(t, host+"/none")); diff != "" {
		t.Errorf("no latest (-want +got):\n%s", diff)
	}
}

func TestLatestSaysWhyItDoesNotKnow(t *testing.T) {
	for status, want := range map[int]string{
		http.StatusForbidden:           "denies reading it",
		http.StatusInternalServerError: "answered 500",
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/v2/" {
				return
			}
			w.WriteHeader(status)
		}))
		host := strings.TrimPrefix(server.URL, "http://")
		if got := latestOf(t, host+"/app"); got.Asked || got.Silence != host+" "+want {
			t.Errorf("%d: %+v", status, got)
		}
		server.Close()
		if got := latestOf(t, host+"/app"); got.Asked || got.Silence != host+" was not reachable" {
			t.Errorf("closed: %+v", got)
		}
	}
	if _, err := Open("NOT AN IMAGE", Access{}); err == nil {
		t.Error("a repository of any name was opened")
	}
}

func latestOf(t *testing.T, repository string) Answer {
	t.Helper()
	opened, err := Open(repository, Access{Alone: true})
	if err != nil {
		t.Fatal(err)
	}
	return opened.Latest(t.Context())
}
