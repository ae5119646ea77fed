package rank_test

import (
	"strings"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/release/rank"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/version"
)

func parsed(t *testing.T, text string) version.Version {
	t.Helper()
	v, err := version.ParseTag("v" + text)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

var (
	stands     = &rank.Facts{Healthy: true, Named: true}
	unnamed    = &rank.Facts{Healthy: true}
	unproven   = &rank.Facts{}
	rolledBack = &rank.Facts{Healthy: true, Named: true, RolledBack: true}
)

func TestHighest(t *testing.T) {
	line17 := func(v version.Version) bool { return strings.HasPrefix(v.String(), "1.7.") }
	at := func(text string) *version.Version { v := parsed(t, text); return &v }
	type release struct {
		version string
		out     bool
		facts   *rank.Facts
	}
	moving := rank.Rule{Healthy: true, Named: true}
	badge := rank.Rule{Healthy: true, Out: true}
	for name, test := range map[string]struct {
		releases []release
		rule     rank.Rule
		want     string
		unknown  bool
	}{
		"none": {
			nil,
			moving, "", false,
		},
		"the highest, not the first": {
			[]release{{"1.7.9", true, stands}, {"1.7.10", true, stands}, {"1.7.8", true, stands}},
			moving, "1.7.10", false,
		},
		"a draft with a name": {
			[]release{{"1.7.3", true, stands}, {"1.8.0", false, stands}},
			moving, "1.8.0", false,
		},
		"no draft gets the badge": {
			[]release{{"1.7.3", true, stands}, {"1.8.0", false, stands}},
			badge, "1.7.3", false,
		},
		"what lost its name": {
			[]release{{"1.7.3", true, stands}, {"1.8.0", true, unnamed}},
			moving, "1.7.3", false,
		},
		"the badge needs no name": {
			[]release{{"1.7.3", true, stands}, {"1.8.0", true, unnamed}},
			badge, "1.8.0", false,
		},
		"what is not proven": {
			[]release{{"1.7.3", true, stands}, {"1.8.0", true, unproven}},
			moving, "1.7.3", false,
		},
		"what was rolled back": {
			[]release{{"1.7.3", true, stands}, {"1.8.0", true, rolledBack}},
			moving, "1.7.3", false,
		},
		"a prerelease": {
			[]release{{"1.7.3", true, stands}, {"1.8.0-rc.1", true, stands}},
			moving, "1.7.3", false,
		},
		"of a line": {
			[]release{{"1.7.3", true, stands}, {"1.8.0", true, stands}},
			rank.Rule{Line: line17}, "1.7.3", false,
		},
		"of another tool": {
			[]release{{"1.7.2", true, unproven}},
			rank.Rule{Out: true}, "1.7.2", false,
		},
		"above": {
			[]release{{"1.7.3", true, stands}},
			rank.Rule{Above: at("1.7.3")}, "", false,
		},
		"below": {
			[]release{{"1.7.2", true, stands}, {"1.7.3", true, stands}},
			rank.Rule{Below: at("1.7.3")}, "1.7.2", false,
		},
		"except": {
			[]release{{"1.7.2", true, stands}, {"1.7.3", true, stands}},
			rank.Rule{Except: at("1.7.3")}, "1.7.2", false,
		},
		"somebody must look": {
			[]release{{"1.7.3", true, stands}, {"1.8.0", true, nil}},
			moving, "1.8.0", true,
		},
		"nobody needs to look": {
			[]release{{"1.7.3", true, nil}, {"1.8.0", true, stands}},
			moving, "1.8.0", false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			var candidates []rank.Candidate
			for _, r := range test.releases {
				candidates = append(
					candidates,
					rank.Candidate{Version: parsed(t, r.version), Out: r.out, Facts: r.facts},
				)
			}
			at, known := rank.Highest(candidates, test.rule)
			got := ""
			if at >= 0 {
				got = test.releases[at].version
			}
			if got != test.want || known == test.unknown {
				t.Errorf("%q, known: %t; expected %q, known: %t", got, known, test.want, !test.unknown)
			}
		})
	}
}
