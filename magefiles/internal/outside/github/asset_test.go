package github

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hughkantsime/odin-release/magefiles/internal/outside/web"
)

func TestUpload(t *testing.T) {
	tries := 0
	server := serve(
		t,
		map[string]http.HandlerFunc{"POST /uploads/7/assets": func(w http.ResponseWriter, r *http.Request) {
			if tries++; tries%2 == 1 {
				says(429, "", "Retry-After", "0.01")(w, r)
				return
			}
			if r.ContentLength != 5 && r.ContentLength != 0 {
				t.Errorf("its length is %d", r.ContentLength)
			}
			says(201, assetJSON)(w, r)
		}},
	)
	release := Release{ID: 7, Tag: "v1", UploadURL: server.URL + "/uploads/7/assets{?name,label}"}
	for content, name := range map[string]string{"hello": "a b&c.txt", "": "empty"} {
		reader := strings.NewReader(content)
		_, _ = reader.Seek(0, io.SeekEnd) // where it stands does not matter
		got, err := server.client(
			t,
		).Releases.Upload(
			t.Context(),
			release,
			name,
			"text/plain",
			reader,
			int64(len(content)),
		)
		if diff := cmp.Diff(theAsset, got); diff != "" || err != nil {
			t.Errorf("%v, %s", err, diff)
		}
		said := server.last()
		if said.body != content || said.query != (url.Values{"name": {name}}).Encode() ||
			said.contentType != "text/plain" ||
			said.auth != "Bearer "+token {
			t.Errorf("%+v", said)
		}
	}
	// Content that can only be read from its start is sent once.
	tries = 1
	if _, err := server.client(t).Releases.
		Upload(t.Context(), release, "x", "", seeker{strings.NewReader("hello")}, 5); err != nil ||
		server.last().body != "hello" {
		t.Errorf("%v, %+v", err, server.last())
	}
	tries = 0
	if _, err := server.client(t).Releases.
		Upload(t.Context(), release, "x", "", seeker{strings.NewReader("hello")}, 5); Status(err) != 429 ||
		tries != 1 {
		t.Errorf("%v after %d tries", err, tries)
	}
}

type seeker struct{ io.ReadSeeker }

func TestUploadGoesToGitHubOnly(t *testing.T) {
	stranger := serve(t, nil)
	server := serve(t, nil)
	for _, address := range []string{
		stranger.URL +
			"/x{?name}", "https://uploads.github.com.example.org/x", "", "{?name}", "http://u:p@" + strings.TrimPrefix(
			server.URL,
			"http://",
		),
		strings.Replace(server.URL, "http://", "https://", 1), "https://uploads.github.com/x",
	} {
		_, err := server.client(t).Releases.
			Upload(t.Context(), Release{Tag: "v1", UploadURL: address}, "x", "", strings.NewReader("x"), 1)
		if err == nil || strings.Contains(err.Error(), "u:p") {
			t.Errorf("%s: %v", address, err)
		}
	}
	if len(stranger.all())+len(server.all()) != 0 {
		t.Error("something was sent")
	}
}

func TestWhereTheTokenGoes(t *testing.T) {
	for api, want := range map[string][]string{
		"": {
			"https://api.github.com",
			"https://uploads.github.com",
		}, "https://api.acme.ghe.com/": {"https://api.acme.ghe.com", "https://uploads.acme.ghe.com"},
		"https://ghe.example.org/api/v3": {"https://ghe.example.org"}, "http://127.0.0.1:99/": {"http://127.0.0.1:99"},
	} {
		client, err := New(api, token, Repository{"a", "b"}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, client.session.origins); diff != "" {
			t.Errorf("%s: %s", api, diff)
		}
	}
}

func TestDownload(t *testing.T) {
	const asset = "GET /repos/ada/app/releases/assets/9"
	storage := serve(
		t,
		map[string]http.HandlerFunc{"GET /signed": says(200, "content"), "GET /gone": says(403, "signature="+token)},
	)
	for name, answer := range map[string]http.HandlerFunc{
		"by the API": says(
			200,
			"content",
		), "from a storage": says(302, "", "Location", storage.URL+"/signed?sig=s3cr3t"),
		"from the same host": says(302, "", "Location", "/here"),
	} {
		server := serve(t, map[string]http.HandlerFunc{asset: answer, "GET /here": says(200, "content")})
		var got bytes.Buffer
		if err := server.client(t).Releases.Download(t.Context(), 9, &got); err != nil || got.String() != "content" {
			t.Errorf("%s: %q, %v", name, got.String(), err)
		}
		if first := server.all()[0]; first.accept != "application/octet-stream" || first.auth != "Bearer "+token {
			t.Errorf("%s: %+v", name, first)
		}
		if name == "from the same host" && server.last().auth != "" {
			t.Errorf("the storage was given the token: %+v", server.last())
		}
	}
	if storage.last().auth != "" {
		t.Error("the storage was given the token")
	}
	server := serve(t, map[string]http.HandlerFunc{asset: says(302, "", "Location", storage.URL+"/gone?sig=s3cr3t")})
	if err := server.client(t).Releases.
		Download(t.Context(), 9, io.Discard); Status(err) != 403 || strings.Contains(err.Error(), "s3cr3t") ||
		strings.Contains(err.Error(), token) {
		t.Errorf("%v", err)
	}
	storage.Close()
	if err := server.client(t).Releases.
		Download(t.Context(), 9, io.Discard); err == nil || strings.Contains(err.Error(), "s3cr3t") ||
		web.Unanswered(err) {
		t.Errorf("%v", err)
	}
	server = serve(t, map[string]http.HandlerFunc{asset: says(404, `{"message":"Not Found"}`)})
	if err := server.client(t).Releases.Download(t.Context(), 9, io.Discard); Status(err) != 404 {
		t.Errorf("%v", err)
	}
}
