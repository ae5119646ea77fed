// Package work provides what steps work with: the tree that is released, copies of it in which tools may write, and
// the toolchains for a copy. It also lists the inputs of a step, so that its result can be reused.
package work

import (
	"io"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/step"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/scratch"
	"github.com/hughkantsime/odin-release/magefiles/internal/toolchain/backend"
	"github.com/hughkantsime/odin-release/magefiles/internal/toolchain/frontend"
)

// Place is where a step works: a copy of the app, and the tools for it. Outputs go to the app's own dist, and
// output that is shown names files by their paths in the app.
type Place struct {
	App      *app.App // the user's checkout
	Source   *app.App // the copy that tools work on
	Run      *run.Runner
	Scratch  *scratch.Run // for temporary files and containers
	Backend  backend.Toolchain
	Frontend frontend.Toolchain
	// Known returns the inputs that Machine found for an earlier release; nil means that each release reads them
	// anew.
	Known func() step.Inputs
}

// At returns the place with its tools set up for the copy at root. They show their output on out.
func (p Place) At(root string, out io.Writer) Place {
	runner := *p.Run
	runner.Out = out
	// Without .git in the copy, git would look for one in the folders above it.
	runner.Env = append(run.Without(runner.Env, "GIT_CEILING_DIRECTORIES"), "GIT_CEILING_DIRECTORIES="+parent(root))
	p.Run = runner.Showing(root, p.App.Root)
	p.Source = p.App.At(root)
	p.Backend.App, p.Backend.Run, p.Backend.Tools.Run = p.Source, p.Run, p.Run
	p.Frontend.App, p.Frontend.Run, p.Frontend.Tools.Run = p.Source, p.Run, p.Run
	return p
}
