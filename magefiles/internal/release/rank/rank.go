// Package rank decides which release is the highest one that something may point to: the image tag latest, the tag
// of a line, GitHub's badge. The same rule is used to plan, promote and roll back: nothing moves backwards.
package rank

import "github.com/hughkantsime/odin-release/magefiles/internal/source/version"

// Candidate is a release that may be chosen.
type Candidate struct {
	Version version.Version
	Out     bool   // whether it is published, not a draft
	Facts   *Facts // nil until they have been looked up
}

// Facts are what is known about a release from its recorded state and the registry.
type Facts struct {
	Healthy    bool // whether its image, if any, was seen healthy
	RolledBack bool // whether it was rolled back
	Named      bool // whether its image, if any, is tagged with its version
}

// Rule says which releases may be chosen. Prereleases never are.
type Rule struct {
	Line func(version.Version) bool // whether a version is in the line; nil means all are

	Above  *version.Version // only higher versions; may be nil
	Below  *version.Version // only lower versions; may be nil
	Except *version.Version // all versions but this one; may be nil

	Out     bool // whether it must be published
	Healthy bool // whether it must be recorded as healthy; otherwise another tool may have released it
	Named   bool // whether its version must be an image tag
}

// Highest returns the index of the highest candidate that the rule allows, or -1 if there is none. known is false
// if that depends on the facts of the candidate at the index: the caller looks them up, and calls Highest again. So
// facts are only looked up for candidates above the result.
func Highest(candidates []Candidate, rule Rule) (at int, known bool) {
	at = -1
	for i, each := range candidates {
		if !rule.eligible(each) || at >= 0 && each.Version.Compare(candidates[at].Version) <= 0 {
			continue
		}
		if each.Facts == nil || rule.accepts(*each.Facts) {
			at = i
		}
	}
	return at, at < 0 || candidates[at].Facts != nil
}

// eligible decides what can be decided without the facts.
func (r Rule) eligible(c Candidate) bool {
	switch {
	case !c.Version.Stable(), r.Line != nil && !r.Line(c.Version), r.Out && !c.Out:
		return false
	case r.Above != nil && c.Version.Compare(*r.Above) <= 0, r.Below != nil && c.Version.Compare(*r.Below) >= 0:
		return false
	}
	return r.Except == nil || c.Version.Compare(*r.Except) != 0
}

func (r Rule) accepts(f Facts) bool {
	return !f.RolledBack && (f.Healthy || !r.Healthy) && (f.Named || !r.Named)
}
