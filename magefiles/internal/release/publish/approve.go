package publish

import (
	"cmp"
	"context"
	"fmt"
	"strings"
)

// Approved says who has approved a release, as what.
type Approved struct {
	// By are accounts on GitHub, or a person as git knows them; none if that is not known.
	By          []string `json:"by,omitempty"`
	Environment string   `json:"environment"`
	Run         string   `json:"run,omitempty"` // the address of the workflow's run that waited for it
	As          string   `json:"as"`            // what State.Approval says of the release
}

// Text says who has approved a release, and where; "" if nobody had to.
func (a *Approved) Text() string {
	if a == nil {
		return ""
	}
	text := "by " + cmp.Or(strings.Join(a.By, " and "), "a person who is not known") + ", in " + a.Environment
	if a.Run != "" {
		text += " (" + a.Run + ")"
	}
	return text
}

// Approve records who has approved a proven release. An approval that is recorded already stays.
func Approve(ctx context.Context, r Release, by Approved) (State, error) {
	shared := &published{release: r, tools: toolsOf(r)}
	if err := shared.require(ctx); err != nil {
		return State{}, err
	}
	next := shared.state
	switch {
	case !next.healthy():
		return State{}, fmt.Errorf(
			"%s was not seen healthy, or was rolled back: there is nothing to approve", r.Plan.Tag,
		)
	case !shared.draft.Draft || next.Approved != nil && next.Approved.As == next.Approval():
		return next, nil
	}
	by.Environment, by.As = r.Config.Publish.Approval, next.Approval()
	next.Approved = &by
	err := shared.tools.states.store(ctx, shared.draft, &next)
	return next, err
}
