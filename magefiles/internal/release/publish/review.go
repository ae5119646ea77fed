package publish

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/outside/github"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/plan"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/verify"
	"github.com/hughkantsime/odin-release/magefiles/internal/report"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/changelog"
)

// Review is what a person reads before a release becomes public.
type Review struct {
	Environment string // in which it is approved
	Plan        plan.Plan
	Notes       string // the notes as they will be, as Markdown
	State       State
}

// NewReview returns a release as it is recorded, for the person who approves it. The error says
// which platform was not seen healthy by the digest that is recorded, or that the release breaks
// a promise.
func NewReview(r Release, state State, healthy []verify.Health) (Review, error) {
	if err := state.verifiedBy(healthy); err != nil {
		return Review{}, err
	}
	state.Healthy, state.Proven = healthy, true // as it will be recorded
	if err := Promised(r.Config.Versioning.Reversible, state.Back()); err != nil {
		return Review{}, err
	}
	notes := strings.NewReplacer(notesBegin, "", notesEnd, "").Replace(bodyOf(r, state, ""))
	return Review{
		Environment: r.Config.Publish.Approval, Plan: r.Plan, Notes: notes, State: state,
	}, nil
}

// Approval returns what stands for the release in an approval: the digest of its image, with those
// of further ones behind it, or, for an app without one, the commit.
func (s State) Approval() string {
	if s.Image == nil {
		return s.Commit
	}
	return strings.Join(digestsOf(s), "+")
}

// Question asks whether the release may become public. It names the tag, the digest and the
// platforms.
func (v Review) Question() string {
	if v.State.Image == nil {
		return fmt.Sprintf("Make %s public, of the commit %s?", v.State.Tag, v.State.Commit)
	}
	var platforms []string
	for _, each := range v.State.Image.Platforms {
		platforms = append(platforms, each.Name)
	}
	return fmt.Sprintf("Make %s public, as %s (%s)?",
		v.State.Tag, strings.Join(digestsOf(v.State), " and "), strings.Join(platforms, ", "))
}

// rows returns what was seen healthy, and by which digest.
func (v Review) rows() [][]string {
	var rows [][]string
	for _, name := range v.State.names() {
		for _, platform := range v.State.image(name).Platforms {
			at := slices.IndexFunc(v.State.Healthy, func(h verify.Health) bool {
				return h.Image == name && h.Platform == platform.Name
			})
			// verifiedBy found it
			rows = append(rows, []string{platform.Name, platform.Digest, seen(v.State.Healthy[at])})
		}
	}
	return rows
}

// WriteMarkdown writes the review as a job summary: why this version, what was seen healthy,
// and the notes.
func (v Review) WriteMarkdown(out io.Writer) error {
	var text bytes.Buffer
	fmt.Fprintf(
		&text,
		"## Approve %s\n\nIt is a draft, and becomes public once a person approves it in the environment "+
			"%s.\n\n",
		changelog.Escape(v.Plan.Tag),
		changelog.Escape(v.Environment),
	)
	v.Plan.WriteDecisions(&text)
	v.Plan.WriteEvidence(&text)
	if image := v.State.Image; image != nil {
		fmt.Fprintf(&text, "### Seen healthy\n\n`%s@%s`\n\n", image.Name, image.Digest)
		for _, more := range v.State.Images {
			fmt.Fprintf(&text, "`%s@%s`\n\n", more.Name, more.Digest)
		}
		report.MarkdownTable(&text, []string{"platform", "digest", "result"}, v.rows())
	}
	if back := v.State.Back().Text(); back != "" {
		fmt.Fprintf(&text, "\nThe way back: %s\n", changelog.Escape(back))
	}
	fmt.Fprintf(&text, "\n### Release notes\n\n%s\n", v.Notes)
	_, err := out.Write(text.Bytes())
	return err
}

// WriteTerminal writes the review for a person at a terminal, who has seen the plan.
func (v Review) WriteTerminal(out io.Writer) error {
	var text bytes.Buffer
	fmt.Fprintf(&text, "\n%s waits for an approval\n", v.Plan.Tag)
	fmt.Fprintf(&text, "  %-13s %s\n", "verdict", changelog.Plain(v.Plan.Verdict.Text))
	for _, image := range v.State.All() {
		fmt.Fprintf(&text, "  %-13s %s@%s\n", "image", image.Name, image.Digest)
	}
	for _, row := range v.rows() {
		fmt.Fprintf(&text, "  %-13s %s %s\n", row[0], row[1], row[2])
	}
	if back := v.State.Back().Text(); back != "" {
		fmt.Fprintf(&text, "  %-13s %s\n", "way back", changelog.Plain(back))
	}
	fmt.Fprintf(&text, "  %-13s %d, with checksums\n", "files", len(v.State.Files))
	_, err := out.Write(text.Bytes())
	return err
}

// Approved reports why nothing is left to approve, "" if a person has to. Only an approved
// release gets its name in the registry: a run after one that was interrupted does not ask
// again.
func (f Found) Approved() string {
	switch {
	case f.State == nil || f.Release == nil:
		return ""
	case f.State.RolledBack != "":
		return "it was rolled back: " + f.State.RolledBack
	case !f.Release.Draft:
		return "it is public"
	case f.State.Approved != nil && f.State.Approved.As == f.State.Approval():
		return "approved in an earlier run, " + f.State.Approved.Text()
	case f.State.Image != nil && f.named():
		return "approved in an earlier run, which has named the image"
	}
	return ""
}

// Approvable checks that the environment in which a release is approved exists, and has
// reviewers. GitHub creates an environment that a workflow names and that does not exist,
// without reviewers, so that nothing would wait. A token that may not look is warned of.
// (https://docs.github.com/en/actions/reference/workflows-and-actions/deployments-and-environments).
func Approvable(ctx context.Context, r Release) error {
	name := r.Config.Publish.Approval
	found, err := r.GitHub.Code.Environment(ctx, name)
	switch {
	case github.Status(err) == http.StatusForbidden: // the job's own token of a private repository may not look
		r.Warn("whether the environment %q has reviewers is not known: %v", name, err)
		return nil
	case err != nil:
		return err
	case found == nil:
		return fmt.Errorf("%s has no environment %q, or the token may not see it (actions: read): create it in the "+
			"settings of the repository, with required reviewers", r.Repository, name)
	case !found.Reviewed:
		return fmt.Errorf(
			"the environment %q of %s has no required reviewers, so that nobody would be asked: add some "+
				"in the settings of the repository",
			name,
			r.Repository,
		)
	}
	return nil
}
