package database

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/scratch"
)

// binaries is a server started from the machine's installed programs, in a temporary
// folder, by an unprivileged user.
type binaries struct {
	run     *run.Runner
	scratch *scratch.Run
	what    string
}

// folders contain the server's programs when PATH does not: Debian, the PostgreSQL
// project's own packages, Homebrew.
var folders = []string{
	"/usr/lib/postgresql/*/bin",
	"/usr/pgsql-*/bin",
	"/usr/local/pgsql/bin",
	"/opt/homebrew/opt/postgresql@*/bin",
}

func (b binaries) Describe() string {
	if dir := b.find(); dir != "" {
		return "server binaries in " + dir
	}
	return "server binaries"
}

func (b binaries) Available(context.Context) error {
	if b.find() == "" {
		return errors.New("initdb and postgres were not found")
	}
	_, err := unprivileged()
	return err
}

// find returns the folder of the newest server.
func (b binaries) find() string {
	if path, err := b.run.Find("postgres"); err == nil {
		if target, err := filepath.EvalSymlinks(path); err == nil {
			path = target
		}
		if hasServer(filepath.Dir(path)) {
			return filepath.Dir(path)
		}
	}
	for _, pattern := range folders {
		found, _ := filepath.Glob(pattern) // the patterns are well-formed
		for _, dir := range slices.Backward(found) {
			if hasServer(dir) {
				return dir
			}
		}
	}
	return ""
}

// Installed identifies the version of the server on this machine that would be started if no container can be, or
// returns "".
func Installed(runner *run.Runner) string {
	dir := binaries{run: runner}.find()
	info, err := os.Stat(filepath.Join(dir, "postgres"))
	if dir == "" || err != nil {
		return ""
	}
	return fmt.Sprintf("%s, %d bytes of %d", dir, info.Size(), info.ModTime().UnixNano())
}

func hasServer(dir string) bool {
	for _, name := range []string{"initdb", "postgres"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			return false
		}
	}
	return true
}

// unprivileged returns the user that runs the server: PostgreSQL refuses to run as
// root.
func unprivileged() (*run.User, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		account, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, uidErr := strconv.ParseUint(account.Uid, 10, 32)
		gid, gidErr := strconv.ParseUint(account.Gid, 10, 32)
		if uidErr == nil && gidErr == nil {
			return &run.User{UID: uint32(uid), GID: uint32(gid)}, nil
		}
	}
	return nil, errors.New("PostgreSQL does not run as root, and there is no user postgres or nobody")
}

func (b binaries) start(ctx context.Context) (string, func(), error) {
	account, err := unprivileged()
	if err != nil {
		return "", nil, err
	}
	dir, err := b.privateFolder(account)
	if err != nil {
		return "", nil, err
	}
	address, stop, err := b.serve(ctx, dir, account)
	if err != nil {
		return "", nil, errors.Join(err, os.RemoveAll(dir))
	}
	return address, func() {
		stop()
		_ = os.RemoveAll(dir) // nothing runs in it any more
	}, nil
}

// privateFolder creates a folder that only this user can enter. It is in the system's
// temporary folder, which any user can reach and whose path is short enough for a
// socket.
func (b binaries) privateFolder(account *run.User) (string, error) {
	dir, err := b.scratch.DirIn(os.TempDir())
	if err == nil && account != nil {
		err = os.Chown(dir, int(account.UID), int(account.GID))
	}
	return dir, err
}

// serve starts a server with a new cluster in a folder, and returns its address and a function that stops it.
func (b binaries) serve(ctx context.Context, dir string, account *run.User) (string, func(), error) {
	bin, password := b.find(), token(16)
	if err := b.initialize(ctx, bin, dir, password, account); err != nil {
		return "", nil, err
	}
	port, err := freePort(ctx)
	if err != nil {
		return "", nil, err
	}
	server := run.Command{
		For:     b.what,
		Quiet:   true,
		Timeout: 24 * time.Hour,
		Grace:   2 * time.Second,
		Dir:     dir,
		User:    account,
		Stop:    syscall.SIGINT, // a fast shutdown: do not wait for clients (postgres(1))
		Args:    []string{filepath.Join(bin, "postgres"), "-D", cluster(dir), "-p", strconv.Itoa(port)},
	}
	for _, setting := range []string{"listen_addresses=127.0.0.1", "unix_socket_directories=" + dir, "fsync=off",
		"synchronous_commit=off", "full_page_writes=off"} {
		server.Args = append(server.Args, "-c", setting)
	}
	ended := make(chan error, 1)
	serving, cancel := context.WithCancel(context.WithoutCancel(ctx))
	go func() {
		_, err := b.run.Run(serving, server)
		ended <- err
	}()
	stop := func() { cancel(); <-ended }
	address := fmt.Sprintf("postgresql://app:%s@127.0.0.1:%d/postgres?sslmode=disable", password, port)
	if err := ready(ctx, address, 30*time.Second, ended); err != nil {
		stop()
		return "", nil, err
	}
	return address, stop, nil
}

// cluster returns the folder of a server's data.
func cluster(dir string) string { return filepath.Join(dir, "data") }

// initialize creates a cluster whose user app has a password.
func (b binaries) initialize(ctx context.Context, bin, dir, password string, account *run.User) error {
	secret := filepath.Join(dir, "password")
	if err := os.WriteFile(secret, []byte(password), 0o600); err != nil {
		return err
	}
	if account != nil {
		if err := os.Chown(secret, int(account.UID), int(account.GID)); err != nil {
			return err
		}
	}
	_, err := b.run.Run(ctx, run.Command{For: b.what, Quiet: true, Timeout: time.Minute, Dir: dir, User: account,
		Args: []string{filepath.Join(bin, "initdb"), "-D", cluster(dir), "-U", "app", "-A", "scram-sha-256",
			"--pwfile", secret, "--no-sync", "--no-locale", "-E", "UTF8"}})
	if err != nil {
		return fmt.Errorf("make the database cluster: %w", err)
	}
	return nil
}

// freePort gets an unused port from the kernel.
func freePort(ctx context.Context) (int, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port, nil
}
