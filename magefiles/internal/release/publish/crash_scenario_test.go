//go:build scenario

package publish_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"

	"github.com/hughkantsime/odin-release/magefiles/internal/rehearsal/standin"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/publish"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

// killer is in front of the stand-ins and kills a child process at one of its
// requests, before it takes effect or after.
type killer struct {
	at    int64 // the request, from 1; 0 for none
	after bool
	count atomic.Int64
	post  atomic.Int64 // the request that posted the announcement
	call  atomic.Value // what it was killed at
	child chan *os.Process
	dead  chan struct{}
}

func (k *killer) wrap(service string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		count := k.count.Add(1)
		if service == standin.Discord && r.Method == http.MethodPost {
			k.post.Store(count)
		}
		if count != k.at {
			next.ServeHTTP(w, r)
			return
		}
		k.call.Store(service + " " + r.Method + " " + r.URL.Path)
		if k.after {
			next.ServeHTTP(httptest.NewRecorder(), r)
		}
		process := <-k.child
		_ = process.Kill() // SIGKILL; it is there, since it waits for this answer
		<-k.dead
	})
}

// child plays a release in a process of its own and gives what it printed and
// whether it came to a good end.
func child(
	ctx context.Context,
	where addresses,
	b build,
	override publish.Override,
	k *killer,
) (out string, ok bool, err error) {
	text, err := json.Marshal(script{At: where, Build: b, Override: override})
	if err != nil {
		return "", false, err
	}
	command := exec.CommandContext(ctx, os.Args[0])
	command.Env = append(os.Environ(), "ODIN_RELEASE_SCRIPT="+string(text))
	var printed bytes.Buffer
	command.Stdout, command.Stderr = &printed, &printed
	if err := command.Start(); err != nil {
		return "", false, err
	}
	if k != nil {
		k.child <- command.Process
	}
	err = command.Wait()
	if k != nil {
		close(k.dead)
	}
	return printed.String(), err == nil, nil
}

// killed plays a release that is killed at a request, then once more, and gives
// what the stand-ins ended up with.
func killed(t *testing.T, template stage, b build, request int64, after bool) (state standin.State, call, told string) {
	s := template.copied(t)
	k := &killer{at: request, after: after, child: make(chan *os.Process, 1), dead: make(chan struct{})}
	world := s.open(t, k.wrap)
	defer func() { _ = world.Close() }()
	out, ok, err := child(t.Context(), addressesOf(world), b, publish.NoOverride, k)
	if err != nil {
		t.Error(err)
		return
	}
	call, _ = k.call.Load().(string)
	if ok || call == "" {
		t.Errorf("the run was not killed at request %d:\n%s", request, out)
		return
	}
	told, ok, err = child(t.Context(), addressesOf(world), b, publish.NoOverride, nil)
	if err != nil || !ok {
		t.Errorf("killed at %s (after: %v), the next run failed: %v\n%s", call, after, err, told)
		return
	}
	if state, err = world.State(context.WithoutCancel(t.Context())); err != nil {
		t.Error(err)
	}
	if strings.Contains(told, "WARNING: the announcement") {
		state = lookedUp(t, world, b, state)
	}
	return state, call, told
}

// lookedUp returns what a person does who is told that nobody knows whether the
// announcement was posted: look into the channel, and say so.
func lookedUp(t *testing.T, world *standin.World, b build, state standin.State) standin.State {
	override := publish.PostAgain
	if len(state.Messages) > 0 {
		override = publish.AlreadyPosted
	}
	if out, ok, err := child(t.Context(), addressesOf(world), b, override, nil); err != nil || !ok {
		t.Errorf("-announce=%s failed: %v\n%s", override, err, out)
	}
	state, err := world.State(context.WithoutCancel(t.Context()))
	if err != nil {
		t.Error(err)
	}
	return state
}

// withoutMessageID leaves out of a state what a message's lost id changes: the
// record, which would have it.
func withoutMessageID(state standin.State) standin.State {
	for _, record := range state.GitHub.Records {
		content := record.Files[publish.StateFile]
		record.Files[publish.StateFile] = messageID.ReplaceAllString(content, "")
	}
	return state
}

var messageID = regexp.MustCompile(`,\n *"message": "[0-9]+"`)

// bothModes runs a test on a stage whose releases can be changed, and on one whose are
// immutable once they are out.
func bothModes(t *testing.T, run func(t *testing.T, template stage)) {
	for _, immutable := range []bool{false, true} {
		t.Run(fmt.Sprintf("immutable=%v", immutable), func(t *testing.T) {
			t.Parallel()
			template := newStage(t)
			template.immutable = immutable
			run(t, template)
		})
	}
}

// kill is where a run is killed.
type kill struct {
	request int64
	after   bool // it takes effect
}

// A release is killed before and after each of its requests, and run again.
// What comes of it is what comes of an uninterrupted one. These are real
// processes; unless everything is tested they are few, and the simulation has
// the rest.
func TestScenarioCrashes(t *testing.T) { bothModes(t, crashes) }

func crashes(t *testing.T, template stage) {
	template.commit(t, "feat: more", "v1.7.3")
	b := template.build(t, "v1.7.3")
	reference := template.copied(t)
	counter := &killer{}
	world := reference.open(t, counter.wrap)
	if out, ok, err := child(t.Context(), addressesOf(world), b, publish.NoOverride, nil); err != nil || !ok {
		t.Fatalf("the uninterrupted run failed: %v\n%s", err, out)
	}
	want := reference.close(t, world)
	requests := counter.count.Load()
	if requests < 40 {
		t.Fatalf("only %d requests were counted", requests)
	}

	start := time.Now()
	var kills []kill
	for request := int64(1); request <= requests; request++ {
		kills = append(kills, kill{request, false}, kill{request, true})
	}
	kills = testkit.Sample(kills, 8)
	if !testkit.All() {
		kills = append(kills, kill{counter.post.Load(), true})
	}
	var survived atomic.Int64
	doubts := map[int64]bool{} // requests around which nobody knows
	var mu sync.Mutex
	var group errgroup.Group
	group.SetLimit(6)
	for _, at := range kills {
		group.Go(func() error {
			got, call, told := killed(t, template, b, at.request, at.after)
			mu.Lock()
			defer mu.Unlock()
			expected := want
			if strings.Contains(told, "WARNING: the announcement") {
				doubts[at.request] = true
				expected, got = withoutMessageID(clone(t, want)), withoutMessageID(got)
			}
			if diff := cmp.Diff(expected, got); diff != "" {
				t.Errorf(
					"killed at %s (after: %v), it ended otherwise (-want +got):\n%s\n%s",
					call,
					at.after,
					diff,
					told,
				)
				return nil
			}
			survived.Add(1)
			return nil
		})
	}
	_ = group.Wait()
	// Nobody knows only between the record before the post and the one after it.
	around := slices.Sorted(maps.Keys(doubts))
	if n := len(around); n == 0 || n > 8 || testkit.All() && int(around[n-1]-around[0]) != n-1 {
		t.Errorf("kills at the requests %v left the announcement in override, expected the few around the post", around)
	}
	fmt.Printf(
		"crash matrix: %d of %d kill points survived (%d requests, %d of them leave an announcement in override, %s)\n",
		survived.Load(),
		len(kills),
		requests,
		len(doubts),
		time.Since(start).Round(time.Second),
	)
}

func clone(t *testing.T, state standin.State) standin.State {
	t.Helper()
	text, err := json.Marshal(state)
	if err != nil {
		t.Fatal(err)
	}
	var copied standin.State
	if err := json.Unmarshal(text, &copied); err != nil {
		t.Fatal(err)
	}
	return copied
}
