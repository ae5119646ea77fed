package verify

import (
	"cmp"
	"fmt"
	"slices"
)

// The verdicts on whether users can go back.
const (
	Reversible   = "reversible"   // the release before works on the data
	Irreversible = "irreversible" // it does not
	Dataless     = "no data"      // the app stores no data
	NoVerdict    = "none"         // it was not tested
)

// FirstRelease is why there is no verdict on going back from the first release.
const FirstRelease = "it is the first release"

// Back is the verdict on whether users can go back to the previous release, after this one has migrated the data.
type Back struct {
	Verdict string `json:"verdict"`       // "" if the image was verified by a version without verdicts
	To      string `json:"to,omitempty"`  // version of the previous release, or ""
	Why     string `json:"why,omitempty"` // why it is irreversible, or was not tested
}

func noVerdict(to, why string) Back { return Back{Verdict: NoVerdict, To: to, Why: why} }

// Text describes what is known in a few words, for a table, or returns "" if nothing was recorded.
func (b Back) Text() string {
	switch b.Verdict {
	case Reversible:
		return "to " + b.To
	case Irreversible:
		return fmt.Sprintf("NOT to %s without a backup: %s", b.To, b.Why)
	case Dataless:
		return "no verdict: the app keeps no data"
	case NoVerdict:
		return "no verdict: " + b.Why
	}
	return ""
}

// Sentence tells users whether they can go back, or returns "" if there is no previous release, or nothing that
// would prevent it.
func (b Back) Sentence() string {
	switch {
	case b.Verdict == Reversible:
		return fmt.Sprintf("You can go back to %s.", b.To)
	case b.Verdict == Irreversible:
		return fmt.Sprintf("There is no way back to %s without a backup: %s", b.To, b.Why)
	case b.Verdict == NoVerdict && b.To != "":
		return fmt.Sprintf("Whether you can go back to %s is not known: %s", b.To, b.Why)
	}
	return ""
}

// Text describes in a few words how healthy the image is.
func (h Health) Text() string {
	switch {
	case h.Upgraded != "":
		return "healthy, also on the data of " + h.Upgraded
	case h.Unproven != "":
		return "healthy; NOT PROVEN on the data of " + h.Unproven + ", whose own image fails"
	}
	return "healthy"
}

// BackOf returns the verdict for an app on several platforms: users can go back if they can do so on each platform, to
// the same version. Images besides the app's own have no verdict.
func BackOf(list []Health) Back {
	list = slices.DeleteFunc(slices.Clone(list), func(h Health) bool { return h.Image != "" })
	if len(list) == 0 {
		return Back{}
	}
	worst := slices.MaxFunc(list, func(a, b Health) int { return cmp.Compare(a.Back.badness(), b.Back.badness()) })
	back := worst.Back
	differ := func(h Health) bool { return h.Back.Verdict != back.Verdict || h.Back.To != back.To }
	switch at := slices.IndexFunc(list, differ); {
	case at < 0:
	case back.Verdict == Reversible:
		back = noVerdict("", fmt.Sprintf("it leads to %s on %s, and to %s on %s",
			back.To, worst.Platform, list[at].Back.To, list[at].Platform))
	case back.Why != "":
		back.Why = "on " + worst.Platform + ", " + back.Why
	}
	return back
}

// badness orders verdicts: one platform without a way back makes the whole verdict irreversible.
func (b Back) badness() int {
	return slices.Index([]string{Dataless, Reversible, "", NoVerdict, Irreversible}, b.Verdict)
}
