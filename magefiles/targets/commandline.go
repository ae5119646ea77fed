package targets

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
)

// Mage looks at a target, and at its flags, when those before it have run: tag relaese would push a
// tag before it fails. So the whole command line is checked before the first of several targets runs.

// program is the program that Mage compiled. A magefile may have targets and aliases of its own.
type program interface {
	// help returns what the program says of a target; false when it has no such target.
	help(target string) (string, bool)
}

// checkTargets returns why the command line that is left at args cannot run to its end, nil if it
// can or if that is unknown: what follows a target of somebody else may be its argument.
func checkTargets(args []string, all []manual, of program) error {
	for len(args) > 0 {
		at := slices.IndexFunc(all, func(m manual) bool { return strings.EqualFold(m.Name, args[0]) })
		if at < 0 {
			if hasTarget(of, all, args[0]) {
				return nil
			}
			_, err := find(all, args[0])
			return fmt.Errorf("nothing was run: %w", err)
		}
		rest, err := all[at].take(args[1:])
		if err != nil {
			return fmt.Errorf("nothing was run: %w", err)
		}
		args = rest
	}
	return nil
}

// take returns the arguments that follow those of a target. The error names a flag that the target
// does not have.
func (m manual) take(args []string) ([]string, error) {
	var flags []string
	for _, each := range m.Arguments {
		if !strings.HasPrefix(each.Usage, "-") {
			args = args[min(1, len(args)):]
			continue
		}
		flags = append(flags, each.Usage)
	}
	for ; len(args) > 0 && strings.HasPrefix(args[0], "-"); args = args[1:] {
		given, _, _ := strings.Cut(args[0], "=")
		switch {
		case m.hasFlag(given):
		case len(flags) == 0:
			return nil, fmt.Errorf("%s does not take %s, nor any other flag", m.Name, given)
		default:
			return nil, fmt.Errorf("%s does not take %s; it takes %s", m.Name, given, strings.Join(flags, ", "))
		}
	}
	return args, nil
}

// hasFlag reports whether the target has a flag, which begins with one dash or two.
func (m manual) hasFlag(flag string) bool {
	return slices.ContainsFunc(m.Arguments, func(a argument) bool {
		name, _, _ := strings.Cut(a.Usage, "=")
		return strings.EqualFold(name, "-"+strings.TrimLeft(flag, "-"))
	})
}

// endFlags puts -- before the flag of a target that comes before any target. Mage then says that there is no such
// target, and exits with 2; else it would show its usage and exit with 0.
func endFlags(line []string) []string {
	if len(line) < 2 || !strings.HasPrefix(line[1], "-") {
		return line
	}
	flag, _, _ := strings.Cut(line[1], "=")
	all, err := manuals()
	if err != nil || !slices.ContainsFunc(all, func(m manual) bool { return m.hasFlag(flag) }) {
		return line
	}
	return slices.Insert(line, 1, "--")
}

// hasTarget reports whether a program has a target, or an alias of one, of its own.
func hasTarget(of program, all []manual, name string) bool {
	if _, is := of.help(name); is {
		return true
	}
	return slices.ContainsFunc(all, func(m manual) bool {
		text, _ := of.help(m.Name)
		_, aliases, _ := strings.Cut(text, "\nAliases: ")
		aliases, _, _ = strings.Cut(aliases, "\n")
		return slices.ContainsFunc(list(aliases), func(alias string) bool { return strings.EqualFold(alias, name) })
	})
}

// ownProgram is the program that runs.
type ownProgram struct{ file string }

func (p ownProgram) help(target string) (string, bool) {
	runner := run.Runner{Env: run.Environ(os.Environ()), Out: io.Discard}
	result, err := runner.Run(context.Background(), run.Command{
		Args: []string{p.file, "-h", target}, Quiet: true, Timeout: 10 * time.Second,
	})
	return string(result.Stdout), err == nil
}

// checkLine returns why a command line cannot be meant.
func checkLine(args []string) error {
	if err := stray(args); err != nil {
		return err
	}
	return severalTargets(args)
}

// lineChecked is checkLine for the command line of this program, which is checked once for all of its targets.
var lineChecked = sync.OnceValue(func() error { return checkLine(os.Args[1:]) })

// severalTargets checks the command line of this program if more than one target may be on it: Mage
// checks a single one itself.
func severalTargets(args []string) error {
	for len(args) > 0 && strings.HasPrefix(args[0], "-") { // flags of Mage
		if args[0] == "-t" && len(args) > 1 {
			args = args[1:]
		}
		args = args[1:]
	}
	words := slices.DeleteFunc(slices.Clone(args), func(arg string) bool { return strings.HasPrefix(arg, "-") })
	if len(words) < 2 {
		return nil
	}
	file, err := os.Executable()
	if err != nil {
		return err
	}
	all, err := manuals()
	if err != nil {
		return err
	}
	return checkTargets(args, all, ownProgram{file})
}
