package verify

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
)

// program is a line of supervisorctl status.
type program struct {
	name   string
	state  string // see programStates
	detail string // "pid 12, uptime 0:00:05", or why it does not run
}

// programStates are supervisord's process states
// (http://supervisord.org/subprocess.html#process-states).
func programStates() []string {
	return []string{"STOPPED", "STARTING", "RUNNING", "BACKOFF", "STOPPING", "EXITED", "FATAL", "UNKNOWN"}
}

// Exit codes of supervisorctl status: 0 and 3 print the programs (3: one of them does
// not run); any other means that supervisord cannot be asked.
const (
	allRun   = 0
	notAll   = 3
	noAnswer = 4
)

// programs asks supervisord, in the container, which programs it runs. A program that
// is starting is a notYetError; one that does not run is an error that names it.
func (c *container) programs(ctx context.Context) ([]program, error) {
	list := c.Config.Processes.Value
	if len(list) == 0 || c.Config.Processes.Absent != "" {
		return nil, nil
	}
	result, err := c.run.Run(ctx, run.Command{For: verifyTarget, Quiet: true, Timeout: engineTimeout,
		Args: append([]string{"docker", "exec", c.name}, list...)})
	listed, unclear := parseStatus(string(result.Stdout))
	command := strings.Join(list, " ")
	switch {
	case err != nil && !slices.Contains([]int{notAll, noAnswer}, result.Code):
		if gone := c.alive(ctx); gone != nil {
			return nil, gone
		}
		return nil, fmt.Errorf("list the programs with %s (verify.processes): %w", command, plain("exec", err))
	case unclear != nil:
		return nil, c.orGone(ctx, fmt.Errorf("list the programs with %s: %w", command, unclear))
	}
	return listed, allRunning(listed)
}

// parseStatus parses the output of supervisorctl status: columns with name, state and
// detail. Any other line is an error.
func parseStatus(out string) ([]program, error) {
	var programs []program
	for line := range strings.Lines(out) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		fields := strings.Fields(line)
		if len(fields) < 2 || !slices.Contains(programStates(), fields[1]) {
			return nil, fmt.Errorf("unexpected line %q", printable(line))
		}
		programs = append(programs, program{fields[0], fields[1], printable(strings.Join(fields[2:], " "))})
	}
	if len(programs) == 0 {
		return nil, errors.New("no program is listed")
	}
	return programs, nil
}

// allRunning returns an error for the first program that failed, otherwise for one that
// is still starting.
func allRunning(programs []program) error {
	var starting error
	for _, each := range programs {
		switch each.state {
		case "RUNNING":
		case "STARTING":
			starting = notYetError{fmt.Errorf("the program %s is STARTING", each.name)}
		default:
			return &downError{each}
		}
	}
	return starting
}

// downError means that a program does not run.
type downError struct{ program }

func (d *downError) Error() string {
	return fmt.Sprintf("the program %s is %s (%s), expected RUNNING", d.name, d.state, d.detail)
}

// sameProcesses returns an error if a program is no longer the same process.
func sameProcesses(before, after []program) error {
	for _, was := range before {
		at := slices.IndexFunc(after, func(is program) bool { return is.name == was.name })
		if at < 0 {
			return fmt.Errorf("the program %s is no longer listed", was.name)
		}
		if was.pid() != after[at].pid() {
			return fmt.Errorf(
				"the program %s was restarted: it was %s, now it is %s",
				was.name,
				was.pid(),
				after[at].pid(),
			)
		}
	}
	return nil
}

// pid returns the "pid 12" of a running program.
func (p program) pid() string {
	pid, _, _ := strings.Cut(p.detail, ",")
	return pid
}
