package plan

import (
	"fmt"

	"github.com/hughkantsime/odin-release/magefiles/internal/release/rank"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/evidence"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/version"
)

// Verdict compares the version with what the changes require.
type Verdict struct {
	Is     version.Bump `json:"is"`     // the bump of the version after the baseline
	Asks   version.Bump `json:"asks"`   // the bump that the changes require
	Holds  bool         `json:"holds"`  // whether Is is at least Asks
	Policy string       `json:"policy"` // warn or enforce
	Text   string       `json:"text"`
}

// refused returns an error when the policy forbids the release.
func (v Verdict) refused() error {
	if v.Holds || v.Policy != "enforce" {
		return nil
	}
	return fmt.Errorf("%s (versioning.policy is enforce)", v.Text)
}

// unless accepts the verdict of a hotfix whose larger changes are all allowed. A change
// that is not allowed is refused elsewhere.
func (v Verdict) unless(h *Hotfix) Verdict {
	if h != nil && len(h.Refused) == 0 && !v.Holds {
		v.Holds = true
		v.Text += "; allowed by name"
	}
	return v
}

// evaluate compares the version with what the evidence requires.
func evaluate(v version.Version, base *tagged, found evidence.Evidence, policy string) Verdict {
	if base == nil {
		return Verdict{Policy: policy, Holds: true, Text: v.Tag() + " is the first release"}
	}
	verdict := Verdict{Is: v.BumpFrom(base.version), Asks: base.version.Asks(found.Asks()), Policy: policy}
	verdict.Holds = verdict.Is >= verdict.Asks
	verdict.Text = fmt.Sprintf("%s is a %s release after %s, as its changes ask for", v.Tag(), verdict.Is, base.Name)
	switch {
	case !verdict.Holds:
		verdict.Text = fmt.Sprintf("%s is a %s release, but %s", v.Tag(), verdict.Is, demand(found, verdict.Asks))
	case verdict.Is > verdict.Asks:
		verdict.Text = fmt.Sprintf(
			"%s is a %s release after %s; its changes ask for no more than a %s release",
			v.Tag(),
			verdict.Is,
			base.Name,
			verdict.Asks,
		)
	}
	return verdict
}

// demand names the change that requires a bump. The API comes first, since clients depend on it.
func demand(found evidence.Evidence, asks version.Bump) string {
	var first *evidence.Finding
	count := 0
	for _, source := range []evidence.Source{evidence.API, evidence.Migrations, evidence.Commits} {
		for _, finding := range found.Findings {
			if finding.Source != source || finding.Asks < asks {
				continue
			}
			if count++; first == nil {
				first = &finding
			}
		}
	}
	text := first.What
	if first.Source == evidence.Commits {
		text = fmt.Sprintf("%s (%s)", first.What, first.Where)
	}
	if count == 1 {
		return fmt.Sprintf("a change asks for a %s release: %s", asks, text)
	}
	return fmt.Sprintf("%d changes ask for a %s release, such as: %s", count, asks, text)
}

// Registry is a registry's answer about the image that latest points to.
type Registry struct {
	Asked   bool   // whether it answered
	Silence string // why it did not answer, in a few words
	Version string // version of latest; "" when there is no latest, or its image does not name one
	Digest  string // digest of latest; "" when there is none
}

// Latest is what happens to the image tag latest: it follows the highest stable version
// whose image proved healthy.
type Latest struct {
	Moves bool   `json:"moves"`
	From  string `json:"from"` // the version that it points to now; a digest, if the image names no version; or ""
	To    string `json:"to"`   // the version that it points to afterwards
	By    string `json:"by"`   // the source of From: the registry or the tags
	Text  string `json:"text"`
	Skips string `json:"skips,omitempty"` // a release that latest includes and that is not in this one's history
}

// Warning says what latest would lose, or returns "".
func (l Latest) Warning() string {
	if l.Skips == "" {
		return ""
	}
	return fmt.Sprintf(
		"latest moves from %s to %s, but %s is not in its history, so its changes would be missing",
		l.From,
		l.To,
		l.Skips,
	)
}

// latest decides whether latest moves, by the registry if that answered, otherwise by the tags.
func latest(v version.Version, s state, registry Registry) Latest {
	newest := newestBut(v, s.tags)
	l, now := named(newest, registry)
	order := 1
	if now != nil {
		order = v.Compare(*now)
	}
	switch {
	case !v.Stable():
		l.To, l.Text = l.From, stays(l.From)+": "+v.Tag()+" is a prerelease"
	case order < 0:
		l.To, l.Text = l.From, stays(l.From)+", which is higher"
	case order == 0:
		l.To, l.Text = l.From, stays(l.From)+" already"
	case l.From == "":
		l.Moves, l.To, l.Text = true, v.String(), fmt.Sprintf("will be %s; there is none yet", v)
	default:
		l.Moves, l.To, l.Text = true, v.String(), fmt.Sprintf("moves from %s to %s", l.From, v)
	}
	if l.Moves && newest != nil && newest.version.Compare(v) < 0 &&
		highest(s.ancestors, func(t tagged) bool { return t.Name == newest.Name }) == nil {
		l.Skips = newest.Name
	}
	return l
}

// newestBut returns the highest stable release except v, or nil. It assumes that every tag is a healthy release,
// since a plan does not read the records.
func newestBut(v version.Version, tags []tagged) *tagged {
	candidates := make([]rank.Candidate, len(tags))
	for i, each := range tags {
		candidates[i] = rank.Candidate{Version: each.version, Out: true, Facts: &rank.Facts{Healthy: true, Named: true}}
	}
	at, _ := rank.Highest(candidates, rank.Rule{Except: &v, Healthy: true, Named: true})
	if at < 0 {
		return nil
	}
	return &tags[at]
}

// named returns what latest points to now, and its version if known. If the registry does not say which version that
// is, named assumes the newest one.
func named(newest *tagged, registry Registry) (Latest, *version.Version) {
	var byTags *version.Version
	if newest != nil {
		byTags = &newest.version
	}
	if !registry.Asked {
		l := Latest{By: "the tags"}
		if registry.Silence != "" {
			l.By += "; " + registry.Silence
		}
		if byTags != nil {
			l.From = byTags.String()
		}
		return l, byTags
	}
	l := Latest{By: "the registry", From: registry.Version}
	if now, err := version.ParseStated(registry.Version); err == nil {
		l.From = now.String()
		return l, &now
	}
	l.From = registry.Digest
	if registry.Digest == "" {
		return l, nil
	}
	return l, byTags
}

func stays(from string) string {
	if from == "" {
		return "stays unset"
	}
	return "stays at " + from
}
