package verify

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
)

// guarded is an app whose first administrator is made by a request, and who must log in.
type guarded struct {
	password string
	logins   int
	printers []json.RawMessage
}

func (g *guarded) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	token := fmt.Sprintf("t0ken-number-%d", g.logins)
	signedIn := r.Header.Get("Authorization") == "Bearer "+token
	if cookie, err := r.Cookie("session"); err == nil {
		signedIn = signedIn || cookie.Value == "s"
	}
	switch r.Method + " " + r.URL.Path {
	case "POST /setup":
		var body struct{ Password string }
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil || g.password != "" || len(body.Password) < 12 {
			w.WriteHeader(http.StatusConflict)
			fmt.Fprintf(w, `{"detail": "no to %s", "token": "leaked-token"}`, body.Password)
			return
		}
		g.password = body.Password
		w.WriteHeader(http.StatusCreated)
	case "POST /login":
		if r.FormValue("password") != g.password || r.FormValue("username") != "a b" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		g.logins++
		fmt.Fprintf(w, `{"data": [{"access_token": "t0ken-number-%d"}], "id": 7}`, g.logins)
	case "GET /session":
		http.SetCookie(w, &http.Cookie{Name: "session", Value: "s", Path: "/"})
	case "GET /users/7":
		fmt.Fprintf(w, `{"items": [{"name": "a b", "signedIn": %t}]}`, signedIn)
	case "POST /printers", "GET /printers":
		if !signedIn {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		if r.Method == http.MethodPost {
			var body json.RawMessage
			_ = json.NewDecoder(r.Body).Decode(&body)
			g.printers = append(g.printers, body)
			return
		}
		_ = json.NewEncoder(w).Encode(g.printers)
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

var setUp = []app.Request{
	{Path: "/setup", Body: `{"password": "{secret}"}`, Once: true, Status: 201},
	{Path: "/login", Body: "username=a+b&password={secret}", Take: map[string]string{
		"token": "data.0.access_token", "id": "id"}},
}

// asking returns a service that asks the app, and what must not be shown.
func asking(t *testing.T, handler http.Handler, config app.Verify) (*service, *run.Redactor) {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	hidden := run.NewRedactor()
	s := &service{container: &container{verification: &verification{engine: &engine{}}}, client: loopback()}
	s.Config, s.address = config, strings.TrimPrefix(server.URL, "http://")
	s.values = newValues(newSecret(), hidden.Learn)
	return s, hidden
}

// TestPrepare sets an app up, stores a record as the administrator, and does what is done
// after an upgrade.
func TestPrepare(t *testing.T) {
	s, hidden := asking(t, &guarded{}, app.Verify{
		Headers: map[string]string{"Authorization": "Bearer {token}"}, Before: setUp,
		Probe: app.Probe{Path: "/printers", Body: `{"name": "of {id}", "secret": "{secret}"}`},
		After: []app.Answer{
			{Path: "/users/{id}", Has: `{"name": "a b", "signedIn": true}`},
			{Path: "/nowhere", Status: 404},
		},
	})
	for _, again := range []bool{false, true} {
		if err := s.prepare(t.Context(), again); err != nil {
			t.Fatalf("again %t: %v", again, err)
		}
		if !again {
			if err := s.probe().store(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := s.probe().look(t.Context()); err != nil {
		t.Error(err)
	}
	if err := s.answersAfter(t.Context()); err != nil {
		t.Error(err)
	}
	if s.values.known["token"] != "t0ken-number-2" || s.values.known["id"] != "7" {
		t.Errorf("the values are %v", s.values.known)
	}
	for _, secret := range []string{s.values.known[app.SecretValue], "t0ken-number-1", "t0ken-number-2"} {
		if hidden.Text("a "+secret) != "a •••" {
			t.Errorf("%s is shown", secret)
		}
	}
	if hidden.Text("name 7 of a b, Bearer") != "name 7 of a b, Bearer" {
		t.Error("what is no secret is hidden")
	}
}

// TestSession keeps the cookie of a session.
func TestSession(t *testing.T) {
	s, _ := asking(t, &guarded{}, app.Verify{Before: []app.Request{{Path: "/session"}}, After: []app.Answer{
		{Path: "/users/7", Has: `{"signedIn": true}`}}})
	if err := s.prepare(t.Context(), false); err != nil {
		t.Error(err)
	}
	if err := s.answersAfter(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestPrepareErrors has requests that fail. No error contains a secret.
func TestPrepareErrors(t *testing.T) {
	short := []app.Request{{Path: "/setup", Body: `{"password": "short-one"}`}}
	for want, config := range map[string]app.Verify{
		`verify.before[0]: POST /setup answered 409 {"detail": "no to •••", "token": "•••"}, expected a status from ` +
			`200 to 299`: {Before: short},
		"verify.before[0]: POST /setup answered 201, expected 200": {Before: []app.Request{
			{Path: "/setup", Body: `{"password": "{secret}"}`, Status: 200}}},
		"verify.before[0]: GET /nowhere answered 404 , expected a status from 200 to 299": {
			Before: []app.Request{{Path: "/nowhere"}}},
		"verify.before[1]: POST /login answered 200: take token from data.1.x: there is no 1 in a list of 1 entries": {
			Before: []app.Request{setUp[0], {Path: "/login", Body: setUp[1].Body,
				Take: map[string]string{"token": "data.1.x"}}}},
		"verify.before[1]: POST /login answered 200: take token from token: there is no token; there are data, id": {
			Before: []app.Request{setUp[0], {Path: "/login", Body: setUp[1].Body,
				Take: map[string]string{"token": "token"}}}},
		"verify.before[0]: POST /setup answered 201: the answer is not JSON, so token cannot be taken from it": {
			Before: []app.Request{{Path: "/setup", Body: setUp[0].Body, Take: map[string]string{"token": "a"}}}},
		`verify.after[0]: GET /users/7 answered 200 {"items": [{"name": "a b", "signedIn": false}]}, expected JSON ` +
			`that has {"signedIn": true}`: {After: []app.Answer{{Path: "/users/7", Has: `{"signedIn": true}`}}},
		"verify.after[0]: GET /nowhere answered 404 , expected 200": {After: []app.Answer{{Path: "/nowhere"}}},
	} {
		s, hidden := asking(t, &guarded{}, config)
		err := s.prepare(t.Context(), false)
		if err == nil {
			err = s.answersAfter(t.Context())
		}
		if err == nil || hidden.Text(err.Error()) != want {
			t.Errorf("error %v\nexpected %s", err, want)
		}
	}
}

// TestSecretInTheEnvironment is the same password for the container and for requests.
func TestSecretInTheEnvironment(t *testing.T) {
	config := app.Verify{Env: map[string]string{"ADMIN": "admin:{secret}", "OTHER": "{other}"}}
	on := data{values: newValues("pass-word", nil)}
	if got := strings.Join(on.environ(config), " "); got != "ADMIN=admin:pass-word OTHER={other}" {
		t.Error(got)
	}
	on.database = &database{password: "p"}
	if got := strings.Join(on.environ(config), " "); !strings.HasSuffix(got, " ADMIN=admin:pass-word OTHER={other}") {
		t.Error(got)
	}
}

// FuzzTake takes values from any answer: none of it is in the error.
func FuzzTake(f *testing.F) {
	f.Add(`{"a": [{"b": "secret-value"}]}`, "a.0.b")
	f.Add(`[1, true, null]`, "2")
	f.Add(`"text"`, "x.y")
	f.Fuzz(func(t *testing.T, document, path string) {
		v := newValues("", nil)
		err := v.take(map[string]string{"name": path}, []byte(document))
		if _, has := v.known["name"]; err == nil && !has {
			t.Error("nothing was taken, without an error")
		}
	})
}
