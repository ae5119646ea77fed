// Package page writes what happened in a run as files for people: a page of HTML that needs
// nothing else, and a trace in Chrome's format.
package page

import (
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/report"
)

// Report is all that the page and the trace show. Its texts come from any source, such as
// commit messages and the output of tests.
type Report struct {
	Key    string // identifies what the page shows, for HasKey; "" for none
	App    string // name of the app
	Target string // what was run, such as releaseCheck
	State  string // how it ended: done, failed or interrupted
	Error  string // why it failed, ""
	Run    string // web address of the run, ""

	Release  *Release      // nil when no version is planned
	Steps    []report.Span // those of the run, in the order of their phases; whole phases among them
	Checks   []Check
	Suites   []Suite
	Untold   Untold
	Last     Last
	Image    *Image    // nil when there is none, or none yet
	Images   []Image   // besides that, without layers
	Packages *Packages // nil when there is no SBOM yet
	Files    []File
	Verify   []Command
	Notes    string // Markdown
}

// Release is what is released, and why as this version.
type Release struct {
	Version, Tag, Commit, Branch string
	Repository                   string // web address, ""
	Address                      string // web address of the release, ""
	CommitTime                   time.Time
	Dirty                        bool   // the checkout has changes that are not committed
	Folder                       string // of the app in its repository, "" for the root
	Configuration                string // where it comes from, if that is not the release.yaml of the commit
	Previous                     string // tag of the release before, ""
	Source                       string // where the version comes from
	Reasons                      []string
	Verdict                      string
	Holds                        bool   // the version is at least what the changes ask for
	Is, Asks                     string // major, minor or patch
	Latest                       string // what happens to latest
	Approved                     string // by whom, "" when nobody had to
	WayBack                      string // whether users can go back, "" when nothing is known
	Commits                      int    // since the release before
	People                       []string
	Evidence                     []Evidence
	Upgrade                      []Upgrade
	Notices                      []string
}

// Evidence is a change that asks for more than a patch. Code is between backticks.
type Evidence struct {
	Source, Asks, What string
	Where              string // a commit, or a file with a line
}

// Upgrade is a step of the upgrade. Code is between backticks.
type Upgrade struct {
	Breaking bool
	Text     string
	Details  []string
	Command  string
}

// Untold are the checks and suites that ran and have nothing to show, such as those that were interrupted.
type Untold struct{ Checks, Suites []Ran }

// Ran is a check or a suite that ran.
type Ran struct{ Name, State string }

// Interrupted reports whether it was.
func (r Ran) Interrupted() bool { return r.State == report.Interrupted }

// Check is what a check found.
type Check struct {
	Name     string
	Findings []Finding
}

// Finding is a finding with the source around its line.
type Finding struct {
	report.Finding
	Source []Line
}

// Line is a line of source.
type Line struct {
	Number int
	Text   string
	Here   bool // whether it is the line of the finding
}

// Suite is a suite of tests with its results.
type Suite struct {
	Name  string
	Cases []Case
}

// Case is a test that ran or was skipped.
type Case struct {
	Name            string
	Time            time.Duration
	Failed, Skipped bool
	Message         string // the first line of why it failed
	Output          string // what the tool says of a failure
}

// Last is the release to compare with.
type Last struct {
	Tag    string // "" when it is not known
	Source string // how its content is known, such as: as released
}

// Image is the image of the release.
type Image struct {
	Name, Digest string
	Platforms    []Platform
}

// Platform is the image of one platform.
type Platform struct {
	Name, Digest  string
	Size, Before  int64 // bytes to pull; Before is that of the last release, 0 when it is not known
	Health        string
	Layers        []Layer
	LayersAreOfIt bool // whether the layers of the last release are known
}

// Layer is a layer of an image.
type Layer struct {
	Digest  string
	Command string // what made it
	Size    int64  // compressed, in bytes
	Same    bool   // the last release has it too
}

// Packages are what the SBOM lists, and how it differs from the last release's.
type Packages struct {
	Count          int
	Compared       bool // whether the SBOM of the last release is known
	Before         int
	Added, Removed []Package
	Changed        []Change
}

// Package is a package that an SBOM lists.
type Package struct{ Type, Name, Version, License string }

// Change is another version of a package.
type Change struct{ Type, Name, From, To string }

// File is a file of the release.
type File struct {
	Name, SHA256 string
	Size, Before int64 // bytes; Before is that of the last release, 0 when it is not known
}

// Command is a command that verifies something.
type Command struct{ What, Command string }
