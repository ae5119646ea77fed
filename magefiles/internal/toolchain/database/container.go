package database

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/scratch"
	"github.com/hughkantsime/odin-release/magefiles/internal/toolchain/download"
)

// container is a server in a container of the machine's engine.
type container struct {
	run     *run.Runner
	scratch *scratch.Run
	image   string
	what    string
}

func (c container) Describe() string { return "container " + c.image }

// Available looks for an engine. Whether the image can be pulled is only known at
// start.
func (c container) Available(ctx context.Context) error {
	if c.image == "" {
		return errors.New("no image is configured (postgresql.image)")
	}
	if _, err := c.docker(ctx, 10*time.Second, "version", "--format", "{{.Server.Version}}"); err != nil {
		return fmt.Errorf("cannot reach a container engine: %w", err)
	}
	return nil
}

func (c container) start(ctx context.Context) (string, func(), error) {
	if _, err := c.docker(ctx, 10*time.Second, "image", "inspect", "--format", "{{.Id}}", c.image); err != nil {
		run.Status(ctx, "pulling %s", c.image)
		defer run.EndStatus(ctx)
		if _, err := c.run.Run(ctx, run.Command{For: c.what, Args: []string{"docker", "pull", c.image}, Quiet: true,
			Timeout: 5 * time.Minute, Line: download.Show(ctx, download.Layers())}); err != nil {
			return "", nil, fmt.Errorf("pull the image: %w", err)
		}
	}
	labels, err := c.scratch.Labels(ctx, c.run)
	if err != nil {
		return "", nil, err
	}
	name, password := "odin-release-postgresql-"+token(6), token(16)
	ended := make(chan error, 1)
	serving, cancel := context.WithCancel(context.WithoutCancel(ctx))
	go func() {
		// It runs attached, so that the client passes signals on: if this process is
		// killed, the kernel stops the client, and that stops the container.
		_, err := c.run.Run(serving, run.Command{
			For:     c.what,
			Quiet:   true,
			Timeout: 24 * time.Hour,
			Grace:   time.Second,
			Env:     []string{"POSTGRES_PASSWORD=" + password},
			Args: slices.Concat(
				[]string{"docker", "run", "--rm", "--name", name, "--label", "odin-release=database"},
				labels,
				[]string{"--env", "POSTGRES_USER=app", "--env", "POSTGRES_PASSWORD", "--env", "POSTGRES_DB=app",
					"--publish", "127.0.0.1::5432", c.image,
					"-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"},
			),
		})
		ended <- err
	}()
	stop := func() {
		bounded, done := context.WithTimeout(context.WithoutCancel(ctx), cleanup)
		defer done()
		_, _ = c.docker(bounded, cleanup, "rm", "--force", "--volumes", name)
		cancel()
		<-ended
		// The engine may have created the container only now.
		_, _ = c.docker(bounded, cleanup, "rm", "--force", "--volumes", name)
	}
	port, err := c.port(ctx, name, ended)
	if err != nil {
		stop()
		return "", nil, err
	}
	address := "postgresql://app:" + password + "@" + port + "/app?sslmode=disable"
	if err := ready(ctx, address, time.Minute, ended); err != nil {
		stop()
		return "", nil, err
	}
	return address, stop, nil
}

// port waits until the container has published its port on the loopback interface.
func (c container) port(ctx context.Context, name string, ended chan error) (string, error) {
	for range 600 {
		out, err := c.docker(ctx, 10*time.Second, "port", name, "5432/tcp")
		if err == nil && out != "" {
			first, _, _ := strings.Cut(out, "\n")
			return first, nil
		}
		select {
		case err := <-ended:
			ended <- err
			return "", fmt.Errorf("the container exited unexpectedly: %w", err)
		case <-ctx.Done():
			return "", context.Cause(ctx)
		case <-time.After(100 * time.Millisecond):
		}
	}
	return "", errors.New("the container did not start within a minute")
}

func (c container) docker(ctx context.Context, timeout time.Duration, args ...string) (string, error) {
	return c.run.Output(ctx, run.Command{For: c.what, Args: append([]string{"docker"}, args...), Timeout: timeout})
}
