package page_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/report"
	"github.com/hughkantsime/odin-release/magefiles/internal/report/page"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

// spans are steps, written as phase, name, start and end in seconds, and what each needs.
func spans(t *testing.T, list ...string) []report.Span {
	t.Helper()
	var made []report.Span
	for _, each := range list {
		var phase, name string
		var from, to float64
		if _, err := fmt.Sscan(each, &phase, &name, &from, &to); err != nil {
			t.Fatal(err)
		}
		made = append(made, at(phase, name, from, to, report.Done, strings.Fields(each)[4:]...))
	}
	return made
}

func TestCritical(t *testing.T) {
	for name, each := range map[string]struct {
		steps []string
		path  string
		took  float64
	}{
		"nothing":   {},
		"not run":   {[]string{"lint a 0 0"}, "", 0},
		"one phase": {[]string{"lint a 0 2", "lint b 0 3"}, "b", 3},
		"needs":     {[]string{"build a 0 2", "build b 0 3", "build c 2 5 a"}, "a c", 5},
		"a wait":    {[]string{"build a 0 2", "build c 6 9 a"}, "a c", 5},
		"phases":    {[]string{"lint a 0 2", "test b 2 3", "test c 2 4"}, "a c", 4},
		"overlap":   {[]string{"lint a 0 5", "test b 2 6"}, "a", 5},
		"in part":   {[]string{"plan p 0 1", "plan f 1 9", "lint a 2 10"}, "p a", 9},
		"a circle":  {[]string{"build a 0 2 c", "build c 0 3 a"}, "c a", 5},
		"unknown":   {[]string{"build a 0 2 nobody"}, "a", 2},
	} {
		t.Run(name, func(t *testing.T) {
			steps := spans(t, each.steps...)
			at, took := page.Critical(steps)
			var path []string
			for _, i := range at {
				path = append(path, steps[i].Name)
			}
			if strings.Join(path, " ") != each.path || took.Seconds() != each.took {
				t.Errorf("%v, %v; expected %v, %v s", path, took, each.path, each.took)
			}
		})
	}
}

// A whole phase is no step of the path.
func TestCriticalWithoutGroups(t *testing.T) {
	whole := at("build", "build", 0, 100, report.Done)
	whole.Group = true
	if path, took := page.Critical(append([]report.Span{whole}, spans(t, "build a 0 2")...)); len(path) != 1 ||
		took != 2*time.Second {
		t.Errorf("%v, %v", path, took)
	}
}

// A trace is as Perfetto wants it: on a thread, no event overlaps another.
func TestTrace(t *testing.T) {
	var out strings.Builder
	if err := page.WriteTrace(&out, sample()); err != nil {
		t.Fatal(err)
	}
	testkit.Golden(t, "testdata/trace.json", out.String())
	var trace struct {
		TraceEvents []struct {
			Name, Ph string
			Pid, Tid int
			Ts, Dur  float64
		}
	}
	if err := json.Unmarshal([]byte(out.String()), &trace); err != nil {
		t.Fatal(err)
	}
	ends := map[[2]int]float64{}
	for _, event := range trace.TraceEvents {
		thread := [2]int{event.Pid, event.Tid}
		if event.Ph == "X" && event.Ts < ends[thread] {
			t.Errorf("%s overlaps another event of its thread", event.Name)
		}
		ends[thread] = max(ends[thread], event.Ts+event.Dur)
	}
	if err := page.WriteTrace(&out, page.Report{}); err != nil {
		t.Errorf("a run without steps: %v", err)
	}
}
