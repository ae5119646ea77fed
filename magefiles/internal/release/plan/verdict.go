package plan

import (
	"fmt"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/source/evidence"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/version"
)

// Verdict is the version held against what the changes ask for.
type Verdict struct {
	Is     version.Bump `json:"is"`     // what the version is after the baseline
	Asks   version.Bump `json:"asks"`   // what the changes ask for
	Holds  bool         `json:"holds"`  // whether it is as much as they ask for
	Policy string       `json:"policy"` // warn or enforce
	Text   string       `json:"text"`
}

// refused tells whether the policy forbids the release.
func (v Verdict) refused() error {
	if v.Holds || v.Policy != "enforce" {
		return nil
	}
	return fmt.Errorf("%s (versioning.policy is enforce)", v.Text)
}

// unless is the verdict of a hotfix all of whose changes are allowed to be in
// it: nothing asks for more any longer. What is not allowed is refused anyway.
func (v Verdict) unless(h *Hotfix) Verdict {
	if h != nil && len(h.Refused) == 0 && !v.Holds {
		v.Holds = true
		v.Text += ", and is allowed"
	}
	return v
}

// judge holds the version against the evidence.
func judge(v version.Version, base *tagged, found evidence.Evidence, policy string) Verdict {
	if base == nil {
		return Verdict{Policy: policy, Holds: true, Text: v.Tag() + " is the first release"}
	}
	verdict := Verdict{Is: v.BumpFrom(base.version), Asks: base.version.Asks(found.Asks()), Policy: policy}
	verdict.Holds = verdict.Is >= verdict.Asks
	verdict.Text = fmt.Sprintf("%s is a %s after %s, as its changes ask for", v.Tag(), verdict.Is, base.Name)
	switch {
	case !verdict.Holds:
		verdict.Text = fmt.Sprintf("%s is a %s; %s", v.Tag(), verdict.Is, demand(found, verdict.Asks))
	case verdict.Is > verdict.Asks:
		verdict.Text = fmt.Sprintf(
			"%s is a %s after %s; its changes ask for no more than a %s",
			v.Tag(),
			verdict.Is,
			base.Name,
			verdict.Asks,
		)
	}
	return verdict
}

// demand names what asks for a bump, the API first, since it is what others
// build on.
func demand(found evidence.Evidence, asks version.Bump) string {
	var first *evidence.Finding
	more := 0
	for _, witness := range []evidence.Witness{evidence.API, evidence.Migrations, evidence.Commits} {
		for _, finding := range found.Findings {
			if finding.Witness != witness || finding.Asks < asks {
				continue
			}
			if first == nil {
				first = &finding
			} else {
				more++
			}
		}
	}
	text := first.What
	if first.Witness == evidence.Commits {
		text = fmt.Sprintf("there is %s (%s)", first.What, first.Where)
	}
	switch more {
	case 0:
	case 1:
		return fmt.Sprintf("%s, which asks for a %s, and so does 1 more", text, asks)
	default:
		return fmt.Sprintf("%s, which asks for a %s, and so do %d more", text, asks, more)
	}
	return fmt.Sprintf("%s, which asks for a %s", text, asks)
}

// Registry is what a registry says of the image that latest names.
type Registry struct {
	Asked   bool   // whether it answered
	Silence string // why not, in few words
	Version string // of latest; "" when there is no latest, or it does not say
	Digest  string // of latest; "" when there is none
}

// Latest is what will happen to the image tag latest: it follows the highest
// stable version whose image proved healthy.
type Latest struct {
	Moves bool   `json:"moves"`
	From  string `json:"from"` // version it names now, a digest if that says no version, or ""
	To    string `json:"to"`   // version it names afterwards
	By    string `json:"by"`   // who says what it names now: the registry, or the tags
	Text  string `json:"text"`
	Skips string `json:"skips,omitempty"` // a release that latest has and this one has not in its history
}

// Warning says what latest would lose; "" when it loses nothing.
func (l Latest) Warning() string {
	if l.Skips == "" {
		return ""
	}
	return fmt.Sprintf(
		"latest moves from %s to %s, but %s is not in its history: what came with that would be missing",
		l.From,
		l.To,
		l.Skips,
	)
}

// latest decides by the registry if it answered, else by the tags.
func latest(v version.Version, s state, registry Registry) Latest {
	newest := highest(s.tags, func(t tagged) bool { return t.version.Stable() && t.version.Compare(v) != 0 })
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

// named is what latest names now, and its version as far as that is known. A
// registry that doesn't say which version its latest is may well have the
// newest.
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
	if now, err := version.ParseTag("v" + strings.TrimPrefix(registry.Version, "v")); err == nil {
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
