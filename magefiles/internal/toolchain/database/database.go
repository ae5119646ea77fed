// Package database gives a test suite its own PostgreSQL database: on a given server,
// otherwise in a container, otherwise from server binaries on the machine. Close
// removes everything that was created for it.
package database

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/scratch"
)

// cleanup limits what Close does after the run was cancelled; Mage gives a cancelled
// target five seconds in total.
const cleanup = 3 * time.Second

// Options say where a server may come from.
type Options struct {
	URL   string // an existing server, as postgresql://…; may be ""
	Image string // the container image to start otherwise
	For   string // the target, for messages

	Scratch *scratch.Run // for temporary files
}

// Source is a way to get a server.
type Source interface {
	// Describe names the source for users, with version and path.
	Describe() string
	// Available returns why the source cannot be used here, as far as a quick check can
	// tell, or nil.
	Available(ctx context.Context) error
	// start returns a superuser's URL of a running server and a function that stops it.
	start(ctx context.Context) (admin string, stop func(), err error)
}

// Sources lists where a server may come from, in order of preference.
func Sources(runner *run.Runner, options Options) []Source {
	if options.URL != "" {
		return []Source{given{options.URL}}
	}
	return []Source{
		container{runner, options.Scratch, options.Image, options.For},
		binaries{runner, options.Scratch, options.For},
	}
}

// Database is an empty database.
type Database struct {
	URL  string // postgresql://user:password@host:port/name
	From string // where its server came from

	name, admin string
	stop        func() // stops the server; nil if it was given
}

// Open creates a database on the first usable source. The error says for each source
// why it could not be used.
func Open(ctx context.Context, sources []Source) (*Database, error) {
	var reasons []error
	for _, source := range sources {
		database, err := open(ctx, source)
		if err == nil {
			return database, nil
		}
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		reasons = append(reasons, fmt.Errorf("%s: %w", source.Describe(), err))
	}
	return nil, fmt.Errorf(
		"no PostgreSQL for the tests:\n%w\nSet TEST_DATABASE_URL, start a container engine, or install a server; "+
			"on Debian and Ubuntu: apt-get install postgresql",
		errors.Join(reasons...),
	)
}

func open(ctx context.Context, source Source) (*Database, error) {
	if err := source.Available(ctx); err != nil {
		return nil, err
	}
	admin, stop, err := source.start(ctx)
	if err != nil {
		return nil, err
	}
	database := &Database{From: source.Describe(), name: "odin_test_" + token(6), admin: admin, stop: stop}
	if err := database.create(ctx); err != nil {
		if stop != nil {
			stop()
		}
		return nil, err
	}
	return database, nil
}

// create creates the database with UTF8, whatever the server's default.
func (d *Database) create(ctx context.Context) error {
	address, err := url.Parse(d.admin)
	if err != nil {
		return errors.New("TEST_DATABASE_URL is not an address of the form postgresql://user:password@host:port/name")
	}
	address.Path = "/" + d.name
	d.URL = address.String()
	return execute(ctx, d.admin, "CREATE DATABASE "+d.name+" TEMPLATE template0 ENCODING 'UTF8'")
}

// Close stops the server that was started for the database, or drops the database from
// a given server, even when the run was cancelled.
func (d *Database) Close() error {
	if d.stop != nil {
		d.stop() // the database is removed with its server
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), cleanup)
	defer cancel()
	if err := execute(ctx, d.admin, "DROP DATABASE IF EXISTS "+d.name+" WITH (FORCE)"); err != nil {
		return fmt.Errorf("drop the test database %s: %w", d.name, err)
	}
	return nil
}

func execute(ctx context.Context, address, statement string) error {
	connection, err := pgx.Connect(ctx, address)
	if err != nil {
		return withoutPassword(err, address)
	}
	defer connection.Close(ctx)
	_, err = connection.Exec(ctx, statement)
	return withoutPassword(err, address)
}

// withoutPassword removes a password from an error's text.
func withoutPassword(err error, address string) error {
	parsed, parseErr := url.Parse(address)
	if err == nil || parseErr != nil {
		return err
	}
	password, _ := parsed.User.Password()
	if password == "" || !strings.Contains(err.Error(), password) {
		return err
	}
	return errors.New(strings.ReplaceAll(err.Error(), password, "xxxxx"))
}

// ready waits, for at most limit, until the server answers. If the server's own process
// exits, its error arrives through ended and is put back there.
func ready(ctx context.Context, address string, limit time.Duration, ended chan error) error {
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("the server did not answer within %s", limit))
	defer cancel()
	for {
		connection, err := pgx.Connect(ctx, address)
		if err == nil {
			return connection.Close(ctx)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", context.Cause(ctx), withoutPassword(err, address))
		case err := <-ended:
			ended <- err
			return fmt.Errorf("the server exited unexpectedly: %w", err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// token returns n random bytes in hexadecimal.
func token(n int) string {
	data := make([]byte, n)
	_, _ = rand.Read(data) // never fails (crypto/rand)
	return hex.EncodeToString(data)
}

// given is an existing server, such as a CI service container.
type given struct{ url string }

func (g given) Describe() string {
	if address, err := url.Parse(g.url); err == nil {
		return "TEST_DATABASE_URL (" + address.Host + ")"
	}
	return "TEST_DATABASE_URL"
}

// Available connects to the server.
func (g given) Available(ctx context.Context) error {
	address, err := g.address()
	if err != nil {
		return err
	}
	return ready(ctx, address, 5*time.Second, nil)
}

// address also accepts SQLAlchemy's spelling postgresql+driver://.
func (g given) address() (string, error) {
	scheme, rest, ok := strings.Cut(g.url, "://")
	if base, _, _ := strings.Cut(scheme, "+"); !ok || base != "postgresql" && base != "postgres" {
		return "", errors.New("it is not an address of the form postgresql://user:password@host:port/name")
	}
	return "postgresql://" + rest, nil
}

func (g given) start(ctx context.Context) (string, func(), error) {
	address, err := g.address()
	if err != nil {
		return "", nil, err
	}
	return address, nil, ready(ctx, address, 30*time.Second, nil)
}

// Version asks a server, by its URL, for its version, such as "15.8 (Debian 15.8-1)".
func Version(ctx context.Context, address string) (version string, err error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if address, err = (given{address}).address(); err != nil {
		return "", err
	}
	connection, err := pgx.Connect(ctx, address)
	if err != nil {
		return "", withoutPassword(err, address)
	}
	defer connection.Close(ctx)
	err = connection.QueryRow(ctx, "SHOW server_version").Scan(&version)
	return version, withoutPassword(err, address)
}
