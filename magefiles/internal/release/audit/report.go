package audit

import (
	"errors"
	"fmt"
	"slices"

	"github.com/hughkantsime/odin-release/magefiles/internal/release/publish"
)

// Row is one thing that was checked, or why it does not apply to the release.
type Row struct {
	What    string
	Seen    string // what was seen, such as a digest
	Problem error  // nil if it is as it should be; see NotChecked for what is not known to be wrong
	Absent  string // why there is nothing to check; "" if there is
}

// Result is what an audit has found.
type Result struct {
	Rows  []Row
	State publish.State // of the release; zero if it cannot be read
	// Warnings are why a draft that is well will not be verified, or not without more, once it is
	// public.
	Warnings []string
}

// Problem returns an error if something is not as it should be.
func (r Result) Problem() error {
	var problems []error
	for _, row := range r.Rows {
		if row.Problem != nil {
			problems = append(problems, fmt.Errorf("%s: %w", row.What, row.Problem))
		}
	}
	return errors.Join(problems...)
}

// Wrong returns how many things were seen to be wrong.
func (r Result) Wrong() int {
	wrong := 0
	for _, row := range r.Rows {
		if row.Problem != nil && !row.Unsigned() && !row.NotChecked() {
			wrong++
		}
	}
	return wrong
}

// NotChecked reports whether something could not be checked, such as without a network.
func (r Row) NotChecked() bool {
	var unknown *notCheckedError
	return errors.As(r.Problem, &unknown)
}

// Unsigned reports whether the problem of a row is that nothing of the release is signed.
func (r Row) Unsigned() bool { return errors.Is(r.Problem, ErrNothingSigned) }

// Checked returns how many things were checked.
func (r Result) Checked() int {
	checked := 0
	for _, row := range r.Rows {
		if row.Absent == "" && !row.NotChecked() {
			checked++
		}
	}
	return checked
}

// Absent lists what does not apply to the release, and why.
func (r Result) Absent() []string {
	var list []string
	for _, row := range r.Rows {
		if row.Absent != "" {
			list = append(list, row.What+": "+row.Absent)
		}
	}
	return list
}

// report is what an audit that is under way has found.
type report struct {
	rows   []Row
	warned []string
}

func (r *report) add(what, seen string, problem error) bool {
	r.rows = append(r.rows, Row{What: what, Seen: seen, Problem: problem})
	return problem == nil
}

// absent adds a row that does not apply.
func (r *report) absent(what, why string) { r.rows = append(r.rows, Row{What: what, Absent: why}) }

// warn adds a warning, once.
func (r *report) warn(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !slices.Contains(r.warned, text) {
		r.warned = append(r.warned, text)
	}
}
