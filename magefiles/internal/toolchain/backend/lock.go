package backend

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/pattern"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
)

// Pin is a line of a lock: a distribution at one version, for the machines that the
// marker (PEP 508) selects.
type Pin struct {
	Name    string // normalised (PEP 503)
	Version string
	Marker  string
}

func (p Pin) String() string {
	text := p.Name + "==" + p.Version
	if p.Marker != "" {
		text += " ; " + p.Marker
	}
	return text
}

var (
	pinLine    = pattern.Lazy(`^([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?==([^\s;\\]+)\s*(?:;\s*(.*?))?\s*\\?$`)
	separators = pattern.Lazy(`[-_.]+`)
)

// Pins parses a hashed requirements file. A requirement without a version or a hash is
// an error with its line.
func Pins(file string, data []byte) ([]Pin, error) {
	var pins []Pin
	hashed := true
	number := 0
	for line := range bytes.Lines(data) {
		number++
		text := strings.TrimSpace(string(line))
		switch match := pinLine().FindStringSubmatch(text); {
		case text == "" || strings.HasPrefix(text, "#"):
		case strings.HasPrefix(text, "--hash="):
			hashed = true
		case match == nil || !hashed:
			return nil, fmt.Errorf(
				"%s:%d: every line of a lock must be a name==version with hashes; make it with uv pip compile "+
					"--universal --generate-hashes",
				file,
				number,
			)
		default:
			name := strings.ToLower(separators().ReplaceAllString(match[1], "-"))
			pins = append(pins, Pin{Name: name, Version: match[2], Marker: match[3]})
			hashed = false
		}
	}
	if !hashed {
		return nil, fmt.Errorf(
			"%s:%d: the last requirement has no hash; make the lock with uv pip compile --universal --generate-hashes",
			file,
			number,
		)
	}
	return pins, nil
}

// readPins reads the lock at a path of the app.
func readPins(of *app.App, path string) ([]Pin, error) {
	data, err := os.ReadFile(of.Path(path))
	if err != nil {
		return nil, fmt.Errorf("read the lock: %w", err)
	}
	return Pins(path, data)
}

// checkLock fails when the lock does not match its source. Pins that still satisfy the
// source are kept, so that new releases alone do not make it fail.
func (t vendoring) checkLock(ctx context.Context, uv string, have []Pin) error {
	vendor := t.App.Config.Build.Vendor
	run.Status(ctx, "comparing %s with %s", vendor.Lock, vendor.Source)
	defer run.EndStatus(ctx)
	dir, err := t.Scratch.Dir("lock")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	fresh := filepath.Join(dir, filepath.Base(vendor.Lock))
	current, err := os.ReadFile(t.App.Path(vendor.Lock))
	if err != nil {
		return err
	}
	if err := os.WriteFile(fresh, current, 0o644); err != nil {
		return err
	}
	if _, err := t.Run.Run(ctx, run.Command{
		For:     vendorTarget,
		Quiet:   true,
		Log:     true,
		Dir:     t.App.Root,
		Timeout: 5 * time.Minute,
		Args:    append([]string{uv}, compileArgs(vendor.Source, nil, vendor.Python, fresh)...),
	}); err != nil {
		return err
	}
	compiled, err := os.ReadFile(fresh)
	if err != nil {
		return err
	}
	want, err := Pins(fresh, compiled)
	if err != nil {
		return err
	}
	if changes := difference(have, want); len(changes) > 0 {
		return fmt.Errorf("%s is out of date with %s:\n  %s\nUpdate it: %s", vendor.Lock, vendor.Source,
			strings.Join(changes, "\n  "), CompileCommand(vendor.Source, nil, vendor.Python, vendor.Lock))
	}
	return nil
}

// difference lists what has to change in a lock: lines to add and to remove.
func difference(have, want []Pin) []string {
	var changes []string
	for _, pin := range want {
		if !slices.Contains(have, pin) {
			changes = append(changes, "+ "+pin.String())
		}
	}
	for _, pin := range have {
		if !slices.Contains(want, pin) {
			changes = append(changes, "- "+pin.String())
		}
	}
	return changes
}

// checkTested fails when a suite's environment pins another version of a distribution
// than the image, so that the tested versions are those that ship.
func checkTested(of *app.App, ships []Pin) error {
	vendor := of.Config.Build.Vendor
	for _, suite := range of.Config.Suites {
		if suite.Kind != "pytest" || suite.Absent != "" {
			continue
		}
		for _, file := range of.Config.Environments[suite.Environment].Requirements {
			tested, err := readPins(of, file)
			if err != nil {
				continue // not a lock with hashes: the app decides about this environment
			}
			if pin, other, differs := conflict(ships, tested); differs {
				return fmt.Errorf(
					"%s has %s, but %s tests with %s from %s: update both locks, so that the tested versions are "+
						"those that ship",
					vendor.Lock,
					pin,
					suite.Name,
					other,
					file,
				)
			}
		}
	}
	return nil
}

// conflict finds a distribution that two locks have at different versions.
func conflict(a, b []Pin) (Pin, Pin, bool) {
	for _, pin := range a {
		for _, other := range b {
			if pin.Name == other.Name && pin.Marker == other.Marker && pin.Version != other.Version {
				return pin, other, true
			}
		}
	}
	return Pin{}, Pin{}, false
}
