package targets

import (
	"context"
	"fmt"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/plan"
	"github.com/hughkantsime/odin-release/magefiles/internal/report"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/git"
)

// versions are the places that contain the version.
type versions struct {
	app    *app.App
	repo   git.Repo
	screen *report.Screen
}

// Version writes the release's version into the version files.
//
// It is chosen as by plan.
//
// Example: version -check
func Version(
	ctx context.Context,
	tag *string, // write `VERSION`, such as v1.8.0
	check *bool, // write nothing; fail if a place has another version than the tag or, without one, than the highest
) error {
	return inApp(ctx, func(ctx context.Context, p *session) error {
		asked, err := requested(tag, nil)
		if err != nil {
			return err
		}
		places := versions{app: p.app, repo: p.repo, screen: p.screen}
		if is(check) {
			return places.checkVersion(ctx, asked)
		}
		wanted, err := asked.Version()
		if err != nil {
			return err
		}
		if wanted != nil {
			return places.writeVersion(wanted.String())
		}
		decided, err := p.decisions().decide(ctx, plan.Asked{})
		if err != nil {
			return err
		}
		p.screen.Log.Infof(
			"%s: %s",
			decided.Tag,
			strings.Join(append([]string{decided.Source}, decided.Reasons...), "; "),
		)
		return places.writeVersion(decided.Version)
	})
}

func (p versions) writeVersion(wanted string) error {
	before, err := p.app.VersionPlaces(p.app.Root)
	if err != nil {
		return err
	}
	if _, err := p.app.WriteVersion(p.app.Root, wanted); err != nil {
		return err
	}
	p.carrierTable(before, wanted, "written")
	return nil
}

func (p versions) checkVersion(ctx context.Context, asked plan.Asked) error {
	carried, err := p.app.VersionPlaces(p.app.Root)
	if err != nil {
		return err
	}
	wanted, err := p.wanted(ctx, asked, carried)
	if err != nil {
		return err
	}
	behind := p.carrierTable(carried, wanted, "DIFFERS")
	annotateVersions(ctx, p.screen, report.Error, behind, wanted)
	if len(behind) > 0 {
		return fmt.Errorf("%d of %d places do not contain the version %s: %s; to write it: version -tag=v%s",
			len(behind), len(carried), wanted, strings.Join(plan.Places(behind), ", "), wanted)
	}
	return nil
}

// wanted returns the version that the carriers should have.
func (p versions) wanted(ctx context.Context, asked plan.Asked, carried []app.VersionPlace) (string, error) {
	wanted, err := asked.Version()
	if err == nil && wanted == nil {
		wanted, err = plan.AtHead(ctx, p.repo)
	}
	if err != nil {
		return "", err
	}
	if wanted != nil {
		return wanted.String(), nil
	}
	return plan.Highest(carried), nil
}

// carrierTable shows the version in each place, and gives those that have
// another than wanted.
func (p versions) carrierTable(carried []app.VersionPlace, wanted, outcome string) []app.VersionPlace {
	var other []app.VersionPlace
	var rows [][]string
	for _, carrier := range carried {
		state := "ok"
		if carrier.Version != wanted {
			state = outcome
			other = append(other, carrier)
		}
		rows = append(rows, []string{fmt.Sprintf("%s:%d", carrier.Path, carrier.Line), carrier.Version, wanted, state})
	}
	p.screen.Wrapped([]string{"place", "has", "wanted", "result"}, rows)
	return other
}
