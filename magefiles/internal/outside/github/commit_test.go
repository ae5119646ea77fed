package github

import (
	"net/http"
	"strings"
	"testing"
)

func TestCommit(t *testing.T) {
	const git = " /repos/ada/app/git/"
	server := serve(t, map[string]http.HandlerFunc{
		"GET" + git + "commits/parent": says(200, `{"sha":"parent","tree":{"sha":"base"}}`),
		"GET" + git + "trees/base": says(
			200,
			`{"sha":"base","tree":[{"path":"run.sh","mode":"100755"},{"path":"a","mode":"100644"},`+
				`{"path":"link","mode":"120000"}],"truncated":false}`,
		),
		"POST" + git + "blobs":   says(201, `{"sha":"blob"}`),
		"POST" + git + "trees":   says(201, `{"sha":"tree"}`),
		"POST" + git + "commits": says(201, `{"sha":"made"}`),
	})
	client := server.client(t)
	files := map[string][]byte{
		"run.sh": []byte("echo <\n"),
		"a":      {},
		"new/b":  []byte("ü"),
		"binary": {0xff, 0},
		"nul":    []byte("a\x00b"),
	}
	sha, err := client.Code.Commit(t.Context(), "parent", "chore: release\n\nBody", files)
	if sha != "made" || err != nil {
		t.Fatalf("%q, %v", sha, err)
	}
	want := strings.Join([]string{
		`/repos/ada/app/git/blobs {"content":"/wA=","encoding":"base64"}`,
		`/repos/ada/app/git/blobs {"content":"YQBi","encoding":"base64"}`,
		`/repos/ada/app/git/trees {"base_tree":"base","tree":[` + strings.Join([]string{
			`{"path":"a","mode":"100644","type":"blob","content":""}`,
			`{"sha":"blob","path":"binary","mode":"100644","type":"blob"}`,
			`{"path":"new/b","mode":"100644","type":"blob","content":"ü"}`,
			`{"sha":"blob","path":"nul","mode":"100644","type":"blob"}`,
			`{"path":"run.sh","mode":"100755","type":"blob","content":"echo <\n"}`,
		}, ",") + `]}`,
		`/repos/ada/app/git/commits {"message":"chore: release\n\nBody","tree":"tree","parents":["parent"]}`,
	}, "\n")
	if got := strings.ReplaceAll(server.bodies("POST"), `\u003c`, "<"); got != want {
		t.Errorf("sent\n%s\nexpected\n%s", got, want)
	}
	before := len(server.all())
	if _, err := client.Code.Commit(
		t.Context(),
		"parent",
		"m",
		map[string][]byte{"link": nil},
	); err == nil || !strings.Contains(err.Error(), "120000") ||
		len(server.all()) != before+2 {
		t.Errorf("a link: %v after %d requests", err, len(server.all())-before)
	}
	cutShort := serve(t, map[string]http.HandlerFunc{
		"GET" + git + "commits/parent": says(200, `{"sha":"parent","tree":{"sha":"base"}}`),
		"GET" + git + "trees/base":     says(200, `{"sha":"base","tree":[],"truncated":true}`),
	})
	if _, err := cutShort.client(t).Code.
		Commit(t.Context(), "parent", "m", files); err == nil ||
		!strings.Contains(err.Error(), "only part") {
		t.Errorf("a tree that is not whole: %v", err)
	}
}
