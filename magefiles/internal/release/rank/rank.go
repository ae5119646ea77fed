// Package rank decides which release is the highest one that something may
// name: the image tag latest, a tag of a line, GitHub's badge. It is the one rule
// for what is planned, promoted and rolled back: nothing moves backwards.
package rank

import "github.com/hughkantsime/odin-release/magefiles/internal/source/version"

// Candidate is a release that may be named.
type Candidate struct {
	Version version.Version
	Out     bool   // it is published, not a draft
	Facts   *Facts // nil as long as nobody has looked
}

// Facts are what is known of a release from its recorded state and the registry.
type Facts struct {
	Healthy    bool // its image, where it has one, was seen healthy
	RolledBack bool // it was rolled back
	Named      bool // its image, where it has one, has its version as a tag
}

// Rule says which releases may be chosen. Prereleases never are.
type Rule struct {
	Line func(version.Version) bool // the releases of a line; nil for all

	Above  *version.Version // only what is higher; nil for no bound
	Below  *version.Version // only what is lower
	Except *version.Version // all but this one

	Out     bool // it must be published
	Healthy bool // it must be recorded as healthy; otherwise it may be of another tool
	Named   bool // its version must be a tag
}

// Highest is the index of the highest candidate that the rule allows, and true; -1 when
// there is none. It is false when that depends on the facts of the candidate at
// the index, which are not known: look at it, and ask again. So only what is
// higher than the answer is ever looked at.
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

// eligible tells what can be told without the facts.
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
