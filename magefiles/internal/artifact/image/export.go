package image

import (
	"context"
	"path/filepath"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
)

// Export builds the Dockerfile in dir, which is also the build context, for a platform, and writes the files of its
// last stage to the folder dest.
func Export(ctx context.Context, runner *run.Runner, engine Engine, dir, platform, dest string) error {
	_, err := runner.Run(ctx, run.Command{For: buildTarget, Dir: dir, Quiet: true, Timeout: time.Hour, Reason: reason,
		Args: []string{"docker", "buildx", "build", "--builder", engine.Builder, "--platform", platform,
			"--file", filepath.Join(dir, "Dockerfile"), "--provenance", "false", "--progress", "plain",
			"--output", "type=local,dest=" + dest, dir}})
	return err
}
