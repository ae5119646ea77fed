package publish

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"github.com/hughkantsime/odin-release/magefiles/internal/outside/github"
	"github.com/hughkantsime/odin-release/magefiles/internal/report"
)

// lookAtProposal finds the branch that brings the version to a default branch which takes no
// pushes, and its pull request.
func (d *remains) lookAtProposal(ctx context.Context) error {
	code := d.release.GitHub.Code
	branch := proposalBranch(d.release.Plan.Tag)
	tip, err := code.Branch(ctx, branch)
	if err != nil || tip == "" { // a branch that is gone has closed its pull request
		return err
	}
	base, err := code.DefaultBranch(ctx)
	if err != nil {
		return err
	}
	opened, err := code.PullRequest(ctx, branch, base)
	if err != nil {
		return err
	}
	if opened != nil {
		d.add(&leftover{
			what: fmt.Sprintf("the pull request #%d", opened.Number),
			there: func(ctx context.Context) (bool, error) {
				now, err := code.PullRequest(ctx, branch, base)
				return now != nil && now.Number == opened.Number && now.State == "open", err
			},
			remove: func(ctx context.Context) error { return code.ClosePullRequest(ctx, opened.Number) },
		})
	}
	d.add(&leftover{
		what: "the branch " + branch,
		there: func(ctx context.Context) (bool, error) {
			now, err := code.Branch(ctx, branch)
			return now != "", err
		},
		remove: func(ctx context.Context) error { return code.DeleteBranch(ctx, branch) },
	})
	return nil
}

// lookAtDrafts finds the files of the draft, the draft, and second drafts of the same run that
// nobody has changed.
func (d *remains) lookAtDrafts(ctx context.Context, releases []github.Release) error {
	if d.draft == nil {
		return nil
	}
	forge := d.release.GitHub.Releases
	assets, err := forge.Assets(ctx, d.draft.ID)
	if err != nil {
		return err
	}
	var names []string
	for _, asset := range assets {
		names = append(names, asset.Name)
		d.add(d.file(*d.draft, asset))
	}
	second := duplicates{title: titleOf(d.release)}
	if _, err := second.find(ctx, forge, releases, *d.draft, names...); err != nil {
		return err
	}
	for _, draft := range second.left {
		d.add(d.draftOf("a second draft of "+draft.Tag, draft))
	}
	d.add(d.draftOf("the draft "+d.draft.Tag, *d.draft))
	return nil
}

// addRecord finds the record, which goes when everything is gone that it leads to. This is the
// one place where a discarded release loses its record.
func (d *remains) addRecord() {
	records, name := d.release.GitHub.Records, recordsBelow+d.release.Plan.Tag
	d.add(&leftover{
		what: "the record " + RecordRef(d.release.Plan.Tag),
		there: func(ctx context.Context) (bool, error) {
			head, err := records.Head(ctx, name)
			return head != "", err
		},
		remove: func(ctx context.Context) error { return records.Delete(ctx, name) },
	})
}

// file returns a file of a draft that is to go.
func (d *remains) file(of github.Release, asset github.Asset) *leftover {
	forge := d.release.GitHub.Releases
	return &leftover{
		what: fmt.Sprintf("the file %s (%s)", asset.Name, report.Size(asset.Size)),
		there: func(ctx context.Context) (bool, error) {
			assets, err := forge.Assets(ctx, of.ID)
			if github.Status(err) == http.StatusNotFound { // with the draft
				return false, nil
			}
			return slices.ContainsFunc(assets, func(a github.Asset) bool { return a.ID == asset.ID }), err
		},
		remove: func(ctx context.Context) error { return forge.DeleteAsset(ctx, asset.ID) },
	}
}

// draftOf returns a draft that is to go. One that was published meanwhile stays.
func (d *remains) draftOf(what string, draft github.Release) *leftover {
	forge := d.release.GitHub.Releases
	look := func(ctx context.Context) (there bool, err error) {
		now, err := forge.Release(ctx, draft.ID)
		switch {
		case github.Status(err) == http.StatusNotFound:
			return false, nil
		case err == nil && !now.Draft:
			return true, final(fmt.Errorf("another run has made it public meanwhile: %s", now.URL))
		}
		return true, err
	}
	return &leftover{what: what, there: look, remove: func(ctx context.Context) error {
		if there, err := look(ctx); !there || err != nil {
			return err
		}
		return forge.DeleteRelease(ctx, draft.ID)
	}}
}
