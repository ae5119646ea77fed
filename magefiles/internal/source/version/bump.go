package version

import "fmt"

// Bump says which number of a version changes
// (https://semver.org/spec/v2.0.0.html#summary).
type Bump int

// The bumps, in order.
const (
	None Bump = iota
	Patch
	Minor
	Major
)

var bumps = [...]string{"none", "patch", "minor", "major"}

// String returns the bump's name: none, patch, minor or major.
func (b Bump) String() string { return bumps[b] }

// MarshalText is String, for JSON.
func (b Bump) MarshalText() ([]byte, error) { return []byte(b.String()), nil }

// UnmarshalText parses the text that MarshalText writes.
func (b *Bump) UnmarshalText(text []byte) error {
	for i, name := range bumps {
		if name == string(text) {
			*b = Bump(i)
			return nil
		}
	}
	return fmt.Errorf("%q is not one of none, patch, minor, major", text)
}

// BumpFrom returns which number changed since an earlier release. A prerelease counts
// as the release that it leads to.
func (v Version) BumpFrom(earlier Version) Bump {
	switch {
	case v.v.Major() != earlier.v.Major():
		return Major
	case v.v.Minor() != earlier.v.Minor():
		return Minor
	case v.v.Patch() != earlier.v.Patch():
		return Patch
	}
	return None
}

// Asks returns the bump that changes of a kind ask for after this version. Before 1.0.0
// a minor version may change anything (SemVer 2.0.0, item 4).
func (v Version) Asks(changes Bump) Bump {
	if v.v.Major() == 0 {
		return min(changes, Minor)
	}
	return changes
}

// Next returns the version one bump after this one; None returns the version itself.
func (v Version) Next(bump Bump) Version {
	next := *v.v
	switch bump {
	case Major:
		next = v.v.IncMajor()
	case Minor:
		next = v.v.IncMinor()
	case Patch:
		next = v.v.IncPatch() // of a prerelease, the release it leads to
	}
	return Version{&next}
}

// Release returns the version without its prerelease: the version that it leads to.
func (v Version) Release() Version {
	released, _ := v.v.SetPrerelease("") // an empty one is always valid
	return Version{&released}
}
