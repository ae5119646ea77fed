package frontend

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
)

const buildTarget = "frontend:build"

// Build builds the bundle with vite build (https://vite.dev/guide/build) into
// dest. epoch is SOURCE_DATE_EPOCH.
func (t Toolchain) Build(ctx context.Context, dest string, epoch time.Time) error {
	bundle := t.App.Config.Build.Frontend
	env, err := t.Install(ctx, buildTarget, bundle.Directory)
	if err != nil {
		return err
	}
	dir := t.App.Path(bundle.Directory)
	vite := filepath.Join(dir, "node_modules", ".bin", "vite")
	if _, err := os.Stat(vite); err != nil {
		return fmt.Errorf(
			"%s: vite is not among the packages of %s; add it to devDependencies",
			buildTarget,
			bundle.Directory,
		)
	}
	if err := os.RemoveAll(dest); err != nil {
		return err
	}
	_, err = t.Run.Run(ctx, run.Command{For: buildTarget, Dir: dir, Timeout: time.Duration(bundle.Timeout),
		Args: []string{vite, "build", "--outDir", dest, "--emptyOutDir"},
		Env:  append(append(env, fmt.Sprintf("SOURCE_DATE_EPOCH=%d", epoch.Unix())), bundle.Environ()...)})
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(dest, "index.html")); err != nil {
		return fmt.Errorf("%s: vite build wrote no index.html", buildTarget)
	}
	return nil
}
