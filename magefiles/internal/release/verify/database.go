package verify

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
)

const (
	databaseHost    = "database" // host name in the network of the app's container
	databaseUser    = "app"
	databaseName    = "app"
	databaseTimeout = time.Minute // limit for accepting connections
)

// database is a PostgreSQL server with one empty database. It runs in a container of its own, in the same network
// as the app's container.
type database struct{ network, password string }

// startDatabase starts a server and waits until it accepts connections. It runs on the
// engine's native platform, whichever platform is being verified.
func (v *verification) startDatabase(ctx context.Context) (*database, error) {
	made, err := v.runDatabase(ctx)
	if err != nil && ctx.Err() == nil {
		err = fmt.Errorf("start the database that verify.needs asks for: %w", err)
	}
	return made, err
}

func (v *verification) runDatabase(ctx context.Context) (*database, error) {
	if err := v.pullDatabase(ctx); err != nil {
		return nil, err
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	made, name := &database{uniqueName(), strings.ToLower(rand.Text())}, uniqueName()
	uninterrupted := context.WithoutCancel(ctx) // as for a container of the app
	v.networks = append(v.networks, made.network)
	if _, err := v.docker(
		uninterrupted,
		slices.Concat([]string{"network", "create"}, v.labels, []string{made.network})...); err != nil {
		return nil, err
	}
	v.containers = append(v.containers, name)
	create := slices.Concat(
		[]string{
			"create",
			"--pull",
			"never",
			"--name",
			name,
			"--network",
			made.network,
			"--network-alias",
			databaseHost,
			"--env",
			"POSTGRES_USER=" + databaseUser,
			"--env",
			"POSTGRES_DB=" + databaseName,
			"--env",
			"POSTGRES_PASSWORD=" + made.password,
		},
		v.labels,
		[]string{v.Database, "-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"},
	)
	if _, err := v.docker(uninterrupted, create...); err != nil {
		return nil, err
	}
	if _, err := v.docker(ctx, "start", name); err != nil {
		return nil, err
	}
	server := &container{verification: v, name: name}
	if err := server.acceptsConnections(ctx); err != nil && ctx.Err() == nil {
		return nil, server.explain(ctx, err)
	}
	return made, context.Cause(ctx)
}

// pullDatabase pulls the server's image unless the engine has it. The image is kept,
// since the tests use it too.
func (v *verification) pullDatabase(ctx context.Context) error {
	if _, err := v.docker(ctx, "image", "inspect", "--format", "{{.Id}}", v.Database); err == nil {
		return nil
	}
	_, err := v.run.Output(
		ctx,
		run.Command{For: verifyTarget, Timeout: pullTimeout, Args: []string{"docker", "pull", "--quiet", v.Database}},
	)
	if err = plain("pull", err); err != nil {
		return fmt.Errorf("pull %s: %w; set another in postgresql.image", v.Database, err)
	}
	return nil
}

// acceptsConnections waits for the server. It connects over TCP: while the image
// initialises the database, a temporary server listens on a Unix socket only.
func (c *container) acceptsConnections(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(
		ctx,
		databaseTimeout,
		fmt.Errorf("it accepts no connections within %s", databaseTimeout),
	)
	defer cancel()
	return poll(ctx, func(ctx context.Context) error {
		_, err := c.docker(
			ctx,
			"exec",
			c.name,
			"pg_isready",
			"--quiet",
			"--host",
			"127.0.0.1",
			"--username",
			databaseUser,
			"--dbname",
			databaseName,
		)
		if err != nil {
			return c.orGone(ctx, err)
		}
		return nil
	})
}

// values returns the replacer of the placeholders in verify.env.
func (d *database) values() *strings.Replacer {
	return strings.NewReplacer("{database.user}", databaseUser, "{database.password}", d.password,
		"{database.host}", databaseHost, "{database.port}", "5432", "{database.name}", databaseName)
}

// environ returns the environment of the app's container: DATABASE_URL and the
// configured variables, which may override DATABASE_URL.
func (d *database) environ(config app.Verify) []string {
	const address = "DATABASE_URL=postgresql://{database.user}:{database.password}@" +
		"{database.host}:{database.port}/{database.name}"
	list := append([]string{address}, config.Environ()...)
	for i, variable := range list {
		list[i] = d.values().Replace(variable)
	}
	return list
}
