//go:build scenario

package targets_test

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// canaries are secrets that nobody else has, and all that gives them away.
type canaries struct {
	keys

	signs map[string]string // what is looked for, and which secret it is a sign of
}

// newCanaries makes secrets of real length. The password has what encodings change.
func newCanaries() canaries {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	c := canaries{
		keys{token: "ghp_" + drawn(36, letters), webhook: drawn(18, "123456789") + "/" + drawn(68, letters+"_-"),
			password: `q"+/` + drawn(24, letters+`+/=%&?<>~ \ü`) + `~>=`},
		map[string]string{},
	}
	_, hook, _ := strings.Cut(c.webhook, "/")
	for name, secret := range map[string]string{"token": c.token, "webhook": hook, "password": c.password} {
		for _, sign := range spellings(secret) {
			c.signs[sign] = name
		}
	}
	return c
}

func drawn(length int, from string) string {
	runes, picks := []rune(from), make([]byte, length)
	_, _ = rand.Read(picks) // it never fails
	var out strings.Builder
	for _, pick := range picks {
		out.WriteRune(runes[int(pick)%len(runes)])
	}
	return out.String()
}

// spellings returns what a secret looks like in a text, in JSON, in an address, and
// in Base64 at each place that it may have in a longer text.
func spellings(secret string) []string {
	plain := []string{secret}
	if encoded, err := json.Marshal(secret); err == nil {
		plain = append(plain, string(encoded[1:len(encoded)-1]))
	}
	quoted := strconv.Quote(secret)
	plain = append(plain, quoted[1:len(quoted)-1])
	for _, each := range plain {
		plain = append(plain, url.QueryEscape(each), url.PathEscape(each))
	}
	all := plain
	for _, each := range append(plain, strings.ToLower(url.QueryEscape(secret))) {
		all = append(all, each)
		for before := range 3 {
			// Characters that hold bits of what is around the secret are left out.
			first, end := (8*before+5)/6, 8*(before+len(each))/6
			whole := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", before) + each))[first:end]
			all = append(all, whole, strings.NewReplacer("+", "-", "/", "_").Replace(whole))
		}
	}
	return all
}

var percent = regexp.MustCompile(`%[0-9A-Fa-f]{2}`)

// in names the secrets that a text gives away, also where only some of their
// characters are encoded as in an address.
func (c canaries) in(text []byte) []string {
	const longest = 1 << 20 // of what is decoded; an image's blob is no address
	readings := [][]byte{text}
	if len(text) <= longest && bytes.IndexByte(text, '%') >= 0 {
		for _, each := range [][]byte{text, bytes.ReplaceAll(text, []byte("+"), []byte(" "))} {
			readings = append(readings, percent.ReplaceAllFunc(each, func(code []byte) []byte {
				value, _ := strconv.ParseUint(string(code[1:]), 16, 8) // it has the form of one
				return []byte{byte(value)}
			}))
		}
	}
	var found []string
	for _, reading := range readings {
		for sign, name := range c.signs {
			if bytes.Contains(reading, []byte(sign)) {
				found = append(found, name)
			}
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// below names the files in a folder that give a secret away.
func (c canaries) below(dir string) []string {
	var found []string
	_ = filepath.WalkDir(
		dir,
		func(path string, entry fs.DirEntry, err error) error { // what is gone meanwhile holds nothing
			if err == nil && entry.Type().IsRegular() {
				text, _ := os.ReadFile(path)
				for _, name := range c.in(text) {
					found = append(found, name+" in "+path)
				}
			}
			return nil
		},
	)
	return found
}

// witness looks at all processes, again and again, while a pipeline runs.
type witness struct {
	canaries

	pipeline string // the binary, which alone may have secrets in its environment
	stop     chan struct{}
	stopped  chan struct{}
	mu       sync.Mutex
	judged   map[string]bool // what was read before
	seen     map[string]bool
	looks    int
}

func (c canaries) watch(t *testing.T) *witness {
	t.Helper()
	binary, err := compiled()
	if err != nil {
		t.Fatal(err)
	}
	w := &witness{
		canaries: c,
		pipeline: binary,
		stop:     make(chan struct{}),
		stopped:  make(chan struct{}),
		judged:   map[string]bool{},
		seen:     map[string]bool{},
	}
	go func() {
		defer close(w.stopped)
		for {
			select {
			case <-w.stop:
				return
			case <-time.After(5 * time.Millisecond):
				w.look()
			}
		}
	}()
	return w
}

// look reads the command line and the environment of every process. One that is
// about to become another program is not judged by the environment it had.
func (w *witness) look() {
	processes, _ := filepath.Glob("/proc/[0-9]*") // the pattern is fixed
	w.mu.Lock()
	defer w.mu.Unlock()
	w.looks++
	for _, process := range processes {
		arguments, _ := os.ReadFile(process + "/cmdline") // one that is gone has none
		before, _ := os.Readlink(process + "/exe")
		environment, _ := os.ReadFile(process + "/environ")
		after, _ := os.Readlink(process + "/exe")
		if before != after || after == w.pipeline {
			environment = nil
		}
		for what, text := range map[string][]byte{"arguments": arguments, "environment": environment} {
			key := what + string(text)
			if w.judged[key] {
				continue
			}
			w.judged[key] = true
			for _, name := range w.in(text) {
				w.seen[fmt.Sprintf("%s in the %s of %s", name, what, after)] = true
			}
		}
	}
}

// end stops watching and tells what was seen.
func (w *witness) end(t *testing.T) {
	t.Helper()
	close(w.stop)
	<-w.stopped
	for each := range w.seen {
		t.Error(each)
	}
	t.Logf("looked at all processes %d times", w.looks)
}

// TestScenarioLeakIsSeen shows that a secret is found, however it is written
// and wherever it is.
func TestScenarioLeakIsSeen(t *testing.T) {
	t.Parallel()
	c := newCanaries()
	_, hook, _ := strings.Cut(c.webhook, "/")
	address := "https://discord.com/api/webhooks/" + c.webhook
	for name, text := range map[string]string{
		"token":               "token " + c.token,
		"token in Base64":     base64.StdEncoding.EncodeToString([]byte("x-access-token:" + c.token + "\n")),
		"token in a header":   "[Authorization: Bearer " + c.token + "]",
		"webhook":             address,
		"webhook, escaped":    url.QueryEscape(address),
		"webhook, Base64":     base64.RawURLEncoding.EncodeToString([]byte(address + "?wait=true")),
		"webhook's token":     hook,
		"password":            "ada:" + c.password + "@",
		"password in JSON":    asJSON(c.password),
		"password, quoted":    fmt.Sprintf("%q", c.password),
		"password in a query": url.Values{"password": {c.password}}.Encode(),
		"password in a path":  url.PathEscape(c.password),
		"password in a user":  url.UserPassword("ada", c.password).String(),
		"password, lower": strings.ToLower(
			url.QueryEscape("="),
		) + percent.ReplaceAllStringFunc(url.QueryEscape(c.password), strings.ToLower),
		"password, partly":   strings.NewReplacer("%", "%25", "=", "%3D").Replace(c.password),
		"password, Base64 0": base64.StdEncoding.EncodeToString([]byte(c.password)),
		"password, Base64 1": base64.StdEncoding.EncodeToString([]byte("ada:" + c.password)),
		"password, Base64 2": base64.URLEncoding.EncodeToString([]byte("carol:xy" + c.password + "and more")),
		"password, Base64 3": base64.RawStdEncoding.EncodeToString([]byte("Basic ada:" + c.password + ".")),
	} {
		file := filepath.Join(t.TempDir(), "a", "b")
		change(t, filepath.Dir(file), "b", "", "before "+text+" after")
		want, _, _ := strings.Cut(strings.Fields(name)[0], ",")
		want = strings.TrimSuffix(want, "'s")
		if found := c.in(
			[]byte("before " + text + " after"),
		); len(found) == 0 || found[0] != want ||
			len(c.below(filepath.Dir(file))) == 0 {
			t.Errorf("%s: %v was found in %s", name, found, text)
		}
	}
	if found := c.in([]byte(strings.ToUpper(c.token) + fmt.Sprint(newCanaries().keys))); len(found) > 0 {
		t.Errorf("found in a text without: %v", found)
	}
}

func asJSON(value any) string {
	text, _ := json.Marshal(value) // plain text always has a form
	return string(text)
}
