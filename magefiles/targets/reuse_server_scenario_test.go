//go:build scenario

package targets_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
)

// upgradable stands before a PostgreSQL server, at one address, and gives it another
// version when it is told to.
type upgradable struct {
	net.Listener
	server   string
	upgraded atomic.Bool
}

func (u *upgradable) serve() {
	for {
		client, err := u.Accept()
		if err != nil {
			return // the test has ended
		}
		go u.pass(client)
	}
}

func (u *upgradable) pass(client net.Conn) {
	defer client.Close()
	server, err := (&net.Dialer{}).DialContext(context.Background(), "tcp", u.server)
	if err != nil {
		return // the client is told by the end of its connection
	}
	defer server.Close()
	go func() { _, _ = io.Copy(server, client) }()
	buffer := make([]byte, 64<<10)
	for {
		n, err := server.Read(buffer)
		said := buffer[:n]
		if u.upgraded.Load() {
			said = bytes.ReplaceAll(said, []byte("15."), []byte("99."))
		}
		if _, failed := client.Write(said); err != nil || failed != nil {
			return
		}
	}
}

// smoke is a suite that needs a server.
const smoke = `suites:
  - name: smoke
    kind: command
    directory: backend
    command: [sh, -c, 'echo "<testsuite><testcase name=\"a\"/></testsuite>" > "$JUNIT_FILE"']
    needs: [postgresql]
`

// TestScenarioReuseServer reuses what a suite found on a given server for as long as the
// server has that version.
func TestScenarioReuseServer(t *testing.T) {
	t.Parallel()
	dir := sample(t)
	change(t, dir, "release.yaml", "", smoke)
	address, err := url.Parse(startServer(t))
	if err != nil {
		t.Fatal(err)
	}
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	server := &upgradable{Listener: listener, server: address.Host}
	go server.serve()
	address.Host = listener.Addr().String()
	for _, each := range []struct {
		upgraded bool
		want     string
	}{
		{false, "smoke: done in"}, {false, "smoke: unchanged, reused"},
		{true, "smoke: started (tool PostgreSQL has changed)"}, {true, "smoke: unchanged, reused"},
		{false, "smoke: unchanged, reused"},
	} {
		server.upgraded.Store(each.upgraded)
		result := pipeline(t, dir, []string{"TEST_DATABASE_URL=" + address.String()}, "test", "-only=smoke")
		if result.code != 0 || !strings.Contains(result.stdout, each.want) {
			t.Errorf("upgraded %v: exit code %d, want %q in\n%s", each.upgraded, result.code, each.want, result.stdout)
		}
	}
}
