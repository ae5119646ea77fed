package standin_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// post sends a payload and returns the status and the answer.
func post(t *testing.T, url string, payload any) (int, map[string]any) {
	t.Helper()
	data, err := json.Marshal(payload)
	ok(t, err)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, bytes.NewReader(data))
	ok(t, err)
	request.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(request)
	ok(t, err)
	defer answer.Body.Close()
	var body map[string]any
	if err := json.NewDecoder(answer.Body).Decode(&body); err != nil && err != io.EOF {
		t.Fatal(err)
	}
	return answer.StatusCode, body
}

type fields = map[string]any

func TestWebhook(t *testing.T) {
	o := options(t)
	w := open(t, o)
	get := func(url string) (int, string) {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
		ok(t, err)
		answer, err := http.DefaultClient.Do(request)
		ok(t, err)
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		ok(t, err)
		return answer.StatusCode, string(body)
	}
	for url, want := range map[string]string{
		w.Webhook():       `200 "id":"100000000000000001"`,
		w.Webhook() + "x": `401 "code":50027`,
		strings.Replace(w.Webhook(), "/1000", "/9000", 1): `404 "code":10015`,
	} {
		status, body := get(url)
		if got := fmt.Sprint(status); !strings.HasPrefix(want, got) || !strings.Contains(body, want[4:]) {
			t.Errorf("%d %s, expected %s", status, body, want)
		}
	}
	message := fields{"embeds": []fields{{"title": "O.D.I.N. 1.0.0"}}}
	status, first := post(t, w.Webhook()+"?wait=true", message)
	if status != http.StatusOK || first["id"] != "200000000000000001" || first["channel_id"] == "" {
		t.Errorf("%d %v", status, first)
	}
	w = survives(t, w, o)
	if status, _ := post(t, w.Webhook(), message); status != http.StatusNoContent {
		t.Errorf("without ?wait=true %d, expected 204", status)
	}
	_, third := post(t, w.Webhook()+"?wait=true", message)
	if third["id"] != "200000000000000003" {
		t.Errorf("the third message is %v", third["id"])
	}
	if got := state(
		t,
		survives(t, w, o),
	).Messages; len(got) != 3 ||
		!strings.Contains(got[0], `"title": "O.D.I.N. 1.0.0"`) {
		t.Errorf("messages %q", got)
	}
}

func TestMessageLimits(t *testing.T) {
	w := open(t, options(t))
	long := func(n int) string { return strings.Repeat("x", n) }
	embed := func(e fields) fields { return fields{"embeds": []fields{e}} }
	list := func(n int, name, value string) []fields {
		all := make([]fields, n)
		for i := range all {
			all[i] = fields{"name": name, "value": value}
		}
		return all
	}
	for _, test := range []struct {
		name    string
		payload fields
		where   []string // in errors; nil: is taken
	}{
		{"title that fits", embed(fields{"title": long(256)}), nil},
		{"title", embed(fields{"title": long(257)}), []string{"embeds", "0", "title"}},
		{"title in pairs", embed(fields{"title": strings.Repeat("🚀", 129)}), []string{"embeds", "0", "title"}},
		{"description that fits", embed(fields{"description": long(4096)}), nil},
		{"description", embed(fields{"description": long(4097)}), []string{"embeds", "0", "description"}},
		{"footer", embed(fields{"footer": fields{"text": long(2049)}}), []string{"embeds", "0", "footer", "text"}},
		{"author", embed(fields{"author": fields{"name": long(257)}}), []string{"embeds", "0", "author", "name"}},
		{"25 fields", embed(fields{"fields": list(25, "n", "v")}), nil},
		{"26 fields", embed(fields{"fields": list(26, "n", "v")}), []string{"embeds", "0", "fields"}},
		{
			"field's name",
			embed(fields{"fields": list(1, long(257), "v")}),
			[]string{"embeds", "0", "fields", "0", "name"},
		},
		{
			"field's value",
			embed(fields{"fields": list(1, "n", long(1025))}),
			[]string{"embeds", "0", "fields", "0", "value"},
		},
		{"empty field", embed(fields{"fields": list(1, "n", " ")}), []string{"embeds", "0", "fields", "0", "value"}},
		{"content", fields{"content": long(2001)}, []string{"content"}},
		{"11 embeds", fields{"embeds": make([]fields, 11)}, []string{"embeds"}},
		{
			"6001 in all",
			embed(fields{"description": long(4000), "footer": fields{"text": long(2001)}}),
			[]string{"embeds"},
		},
	} {
		status, body := post(t, w.Webhook()+"?wait=true", test.payload)
		if test.where == nil {
			if status != http.StatusOK {
				t.Errorf("%s: %d %v, expected 200", test.name, status, body)
			}
			continue
		}
		at, _ := body["errors"].(fields)
		for _, step := range test.where {
			at, _ = at[step].(fields)
		}
		if status != http.StatusBadRequest || body["code"] != 50035.0 || at["_errors"] == nil {
			t.Errorf("%s: %d %v, expected 400 with an error at %v", test.name, status, body, test.where)
		}
	}
	if status, body := post(t, w.Webhook(), fields{}); status != 400 || body["code"] != 50006.0 {
		t.Errorf("an empty message: %d %v", status, body)
	}
	if diff := cmp.Diff(3, len(state(t, w).Messages)); diff != "" {
		t.Error(diff)
	}
}
