// Package work gives steps what they work with: the tree that is released,
// copies of it where tools may write, and the toolchains for a copy. It also says
// what a step depends on, so that its result can be reused.
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

// Place is where a step works: a copy of the app, and the tools for it. What a
// step makes goes to the app's own dist, and what is shown names files as
// they are in the app.
type Place struct {
	App      *app.App // the user's checkout
	Source   *app.App // the copy that tools work on
	Run      *run.Runner
	Scratch  *scratch.Run // for temporary files and containers
	Backend  backend.Toolchain
	Frontend frontend.Toolchain
	// Known returns what Machine saw for all releases; nil to look for each of them.
	Known func() step.Inputs
}

// At is the place whose tools work on the copy at root, and show what they do
// on out.
func (p Place) At(root string, out io.Writer) Place {
	runner := *p.Run
	runner.Out = out
	// Without .git in the copy, git would look for one above it.
	runner.Env = append(run.Without(runner.Env, "GIT_CEILING_DIRECTORIES"), "GIT_CEILING_DIRECTORIES="+parent(root))
	p.Run = runner.Showing(root, p.App.Root)
	p.Source = p.App.At(root)
	p.Backend.App, p.Backend.Run, p.Backend.Tools.Run = p.Source, p.Run, p.Run
	p.Frontend.App, p.Frontend.Run, p.Frontend.Tools.Run = p.Source, p.Run, p.Run
	return p
}
