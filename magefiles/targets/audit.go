package targets

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/image"
	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/signature"
	"github.com/hughkantsime/odin-release/magefiles/internal/outside/github"
	"github.com/hughkantsime/odin-release/magefiles/internal/outside/registry"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/audit"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/build"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/plan"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/publish"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/git"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/version"
	"github.com/hughkantsime/odin-release/magefiles/internal/step"
)

// Verify checks a published release, for who is about to install it.
//
// It downloads the files of the release and compares them with its record and checksums, looks whether the tags of the
// image lead to the image of the record, and verifies all signatures and attestations. It needs no checkout of the app,
// except with -rebuild, and starts nothing of it. Without -key, the key that is with the release is used: that shows
// that all of it was signed by the same key, and not whose key that is. What GitHub has attested must have been signed
// by the release workflow of odin-release, in a run of the repository; -signer names another one, such as a copy.
//
// What the record does not list, and what nobody has signed, is refused. What could not be checked, such as without a
// network, is told from what is wrong; the target fails, too.
//
// Example: verify v1.8.0 -repository=ada/shop -key=cosign.pub
func Verify(
	ctx context.Context,
	tag string, // the release to check, such as v1.8.0
	repository *string, // the repository on GitHub, `OWNER/NAME`; by default the one of the app in the current folder
	key *string, // the public key that must have signed, in PEM: `FILE`
	signer *string, // the `WORKFLOW` that must have attested, as OWNER/REPO/.github/workflows/FILE, perhaps with @REF
	rebuild *bool, // also build the image of the checkout, which must be on the tag, and compare it by platform
) error {
	found, err := shared.findAny(false)
	if err != nil {
		return complained(err)
	}
	return withApp(ctx, found, func(ctx context.Context, p *session) error {
		asked, err := version.ParseTag(tag)
		if err != nil {
			return err
		}
		what, err := p.delivery().audit(ctx, asked.Tag(), text(repository), text(key))
		if err != nil {
			return err
		}
		if signer != nil {
			if what.Signer, err = audit.ParseSigner(*signer); err != nil {
				return fmt.Errorf("-signer: %w", err)
			}
		}
		result := what.Run(ctx)
		if is(rebuild) && result.State.Tag != "" { // it has a record
			result.Rows = append(result.Rows, rebuilt(ctx, p, result.State)...)
		}
		return auditTable(p.view, tag, result)
	})
}

// takesVersion reports whether a target has a version as its argument.
func takesVersion(target string) bool {
	return slices.ContainsFunc([]string{"discard", "rollback", "verify"}, func(name string) bool {
		return strings.EqualFold(target, name)
	})
}

// audit prepares the check of a release of a repository, "" for the one of this app.
func (p delivery) audit(ctx context.Context, tag, repository, keyFile string) (audit.Audit, error) {
	what := audit.Audit{Tag: tag, Registry: func(name string) (*registry.Repository, error) {
		return p.openImage(name, p.transport)
	}}
	where := cmp.Or(repository, p.outside.repository)
	if where == "" {
		address, err := plan.Address(ctx, p.repo)
		switch {
		case err != nil:
			return what, fmt.Errorf("find the repository on GitHub: %w; give it as -repository=OWNER/NAME", err)
		case address == "":
			return what, errors.New("find the repository on GitHub: there is no remote origin here; give it as " +
				"-repository=OWNER/NAME")
		}
		if _, err := p.outside.repositoryAt(address); err != nil {
			return what, fmt.Errorf("find the repository on GitHub: %w; or give it as -repository=OWNER/NAME", err)
		}
		where = address
	}
	parsed, err := github.ParseRepository(where)
	if err != nil {
		return what, fmt.Errorf("-repository: %w", err)
	}
	what.Repository = parsed
	if what.GitHub, err = github.New(p.outside.api, p.outside.token, parsed, p.transport); err != nil {
		return what, err
	}
	if keyFile == "" {
		return what, nil
	}
	data, err := os.ReadFile(keyFile)
	if err != nil {
		return what, fmt.Errorf("-key: %w", err)
	}
	key, err := signature.ParsePublic(data)
	if err != nil {
		return what, fmt.Errorf("-key=%s: %w", keyFile, err)
	}
	what.Key = &key
	return what, nil
}

// audited checks a draft, as verify does, before it is made public.
func (p publication) audited(ctx context.Context, out publish.Release) error {
	found, err := out.ObservePublished(ctx)
	if err != nil || found.State == nil || !found.State.Proven || found.State.RolledBack != "" || !found.Release.Draft {
		return err // Promote says why
	}
	if err := publish.Complete(ctx, out); err != nil {
		return err
	}
	what := audit.Audit{
		Tag: out.Plan.Tag, Repository: out.Repository, GitHub: out.GitHub, Draft: found.Release,
		Rehearsal: onLoopback(p.outside.api),
		Registry:  func(name string) (*registry.Repository, error) { return p.delivery().openImage(name, p.transport) },
	}
	if out.Key != nil {
		what.Key = &out.Key.Public
	}
	result := what.Run(ctx)
	if err := result.Problem(); err != nil {
		why := "is not what was published"
		if result.Wrong() == 0 {
			why = "could not be checked"
		}
		return fmt.Errorf("%s %s: nothing was made public; if the registry has lost what was attached to the image, "+
			"run publish again, which attaches it:\n%w", out.Plan.Tag, why, err)
	}
	p.screen.Log.Infof("%s: %d checks of what was published, all well", out.Plan.Tag, result.Checked())
	for _, absent := range result.Absent() {
		p.screen.Log.Infof("not applicable: %s", absent)
	}
	for _, warning := range result.Warnings {
		p.screen.Log.Warnf("%s: %s", out.Plan.Tag, warning)
	}
	return nil
}

// auditTable shows what was checked. It fails if something is not as it should be.
func auditTable(v view, tag string, result audit.Result) error {
	rows := make([][]string, len(result.Rows))
	for i, row := range result.Rows {
		verdict, seen := "ok", row.Seen
		switch {
		case row.Problem != nil:
			verdict, seen = "WRONG", strings.ReplaceAll(v.redactor.Text(row.Problem.Error()), "\n", "; ")
			if row.Unsigned() {
				verdict = "not signed"
			} else if row.NotChecked() {
				verdict = "not checked"
			}
		case row.Absent != "":
			verdict, seen = "not applicable", row.Absent
		}
		rows[i] = []string{row.What, verdict, seen}
	}
	v.screen.Table(tag, []string{"what", "verdict", "seen"}, rows)
	return judged(tag, result)
}

// judged returns the error of a release that is not as it should be, or of which that is not known.
func judged(tag string, result audit.Result) error {
	unsigned := slices.ContainsFunc(result.Rows, audit.Row.Unsigned)
	unknown := slices.ContainsFunc(result.Rows, audit.Row.NotChecked)
	why := ""
	switch wrong := result.Wrong(); {
	case wrong > 0:
		why = fmt.Sprintf("%s is not what was released: %d of %d checks failed; do not install it",
			tag, wrong, result.Checked())
	case unsigned && unknown:
		why = fmt.Sprintf("%s could not be checked, and nothing of it is signed", tag)
	case unsigned:
		why = fmt.Sprintf("nothing of %s is signed: it is as its record says, and whoever could change the release "+
			"could change that, too", tag)
	case unknown:
		why = tag + " could not be checked"
	default:
		return nil
	}
	return fmt.Errorf("%s:\n%w", why, result.Problem())
}

// rebuilt builds the images of the checkout, and compares them with those of a release, platform
// by platform. The index differs: it lists what BuildKit says of each build, with the time of it.
func rebuilt(ctx context.Context, p *session, state publish.State) []audit.Row {
	if state.Image == nil {
		return []audit.Row{{What: "rebuilt image", Absent: "the app has none"}}
	}
	err := buildAgain(ctx, p, state)
	var rows []audit.Row
	for i, released := range state.All() {
		made, problem := image.Summary{}, err
		if problem == nil {
			made, problem = madeAgain(p.app, released, i == 0)
		}
		for _, platform := range released.Platforms {
			row := compared(platform, made, problem)
			row.What = "rebuilt image for " + platform.Name
			if i > 0 {
				row.What += " (" + released.Name + ")"
			}
			rows = append(rows, row)
		}
	}
	return rows
}

// compared compares the image of a platform with what was built here.
func compared(platform image.Platform, made image.Summary, problem error) audit.Row {
	row := audit.Row{Problem: audit.NotChecked(problem)}
	if problem != nil {
		return row
	}
	at := slices.IndexFunc(made.Platforms, func(each image.Platform) bool { return each.Name == platform.Name })
	if at < 0 {
		row.Problem = audit.NotChecked(errors.New("this checkout builds none for it"))
	} else if row.Seen = made.Platforms[at].Digest; row.Seen != platform.Digest {
		row.Problem = fmt.Errorf("the image that was built here is %s, and the record says %s",
			row.Seen, platform.Digest)
	}
	return row
}

// madeAgain returns an image of a release as it was built here; own means the app's own.
func madeAgain(of *app.App, released publish.Image, own bool) (image.Summary, error) {
	for _, each := range app.Images(of.Config) {
		if own && each.Key == "" || !own && each.Image.Name == released.Name {
			return image.Inspect(of.Path(app.DistDir, build.LayoutOf(each.Key)))
		}
	}
	return image.Summary{}, fmt.Errorf("build.images of this checkout does not have %s", released.Name)
}

// buildAgain builds the images of the checkout, which must be on the commit of a release.
func buildAgain(ctx context.Context, p *session, state publish.State) error {
	head, err := p.repo.Head(ctx)
	if err != nil {
		return err
	}
	if head.Hash != state.Commit {
		return fmt.Errorf("this checkout is %s, and the release was made from %s: run git checkout %s",
			git.Short(head.Hash), git.Short(state.Commit), state.Tag)
	}
	asked, err := requested(&state.Tag, nil)
	if err != nil {
		return err
	}
	return performIn(ctx, p, options{asked: asked, again: true}, func(g *graph) (*step.Step, error) {
		return g.catalog().imageOf(nil), nil
	})
}
