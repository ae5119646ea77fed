package backend

import (
	"context"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
)

// Pytest runs a suite with pytest, which writes its results to junitFile. The error is
// pytest's own; the results tell which tests failed.
func (t Toolchain) Pytest(ctx context.Context, step app.Step, junitFile string) error {
	// The cache provider would write .pytest_cache to the tree.
	command, err := t.command(ctx, step, "pytest", "-p", "no:cacheprovider", "--color=no",
		"--junitxml="+junitFile, "-o", "junit_family=xunit2")
	if err != nil {
		return err
	}
	_, err = t.Run.Run(ctx, command)
	return err
}
