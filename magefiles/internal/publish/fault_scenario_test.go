//go:build scenario

package publish_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"

	"github.com/hughkantsime/odin-release/magefiles/internal/announce"
	"github.com/hughkantsime/odin-release/magefiles/internal/publish"
	"github.com/hughkantsime/odin-release/magefiles/internal/rehearsal/standin"
)

// fault is what goes wrong with one request.
type fault struct {
	name string
	act  func(w http.ResponseWriter, r *http.Request, next http.Handler)
}

// faults are the ways in which a request goes wrong. Except for the last two
// it has no effect.
var faults = []fault{
	{"500", answering(http.StatusInternalServerError, nil)},
	{"502", answering(http.StatusBadGateway, nil)},
	{"429", answering(http.StatusTooManyRequests, http.Header{"Retry-After": {"1"}})},
	{"secondary rate limit", func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprint(w, `{"message":"You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",`+
			`"documentation_url":"https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits"}`)
	}},
	{"connection reset", func(w http.ResponseWriter, _ *http.Request, _ http.Handler) { reset(w) }},
	{"time-out", func(_ http.ResponseWriter, r *http.Request, _ http.Handler) {
		_, _ = io.Copy(io.Discard, r.Body) // only then does the server notice that the client has gone
		<-r.Context().Done()
	}},
	{"truncated body", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		answer := httptest.NewRecorder()
		next.ServeHTTP(answer, r)
		truncate(w, answer)
	}},
	{"response lost", func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		next.ServeHTTP(httptest.NewRecorder(), r)
		reset(w)
	}},
}

func answering(status int, header http.Header) func(http.ResponseWriter, *http.Request, http.Handler) {
	return func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		for key, values := range header {
			w.Header()[key] = values
		}
		w.WriteHeader(status)
		fmt.Fprint(w, "it was not meant to be")
	}
}

// reset ends a connection without an answer.
func reset(w http.ResponseWriter) {
	connection, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := connection.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = connection.Close()
}

// truncate answers with half of a body, and the length of all of it.
func truncate(w http.ResponseWriter, answer *httptest.ResponseRecorder) {
	body := answer.Body.Bytes()
	for key, values := range answer.Header() {
		w.Header()[key] = values
	}
	w.Header().Set("Content-Length", fmt.Sprint(len(body)+10))
	w.WriteHeader(answer.Code)
	_, _ = w.Write(body[:len(body)/2])
	panic(http.ErrAbortHandler)
}

// saboteur makes one request go wrong.
type saboteur struct {
	at    int64
	fault fault
	count atomic.Int64
	call  atomic.Value
}

func (s *saboteur) wrap(service string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.count.Add(1) != s.at {
			next.ServeHTTP(w, r)
			return
		}
		s.call.Store(service + " " + r.Method + " " + r.URL.Path)
		s.fault.act(w, r, next)
	})
}

// faulty plays a release of which one request goes wrong, and once more if it
// failed for that.
func faulty(t *testing.T, template stage, b build, s *saboteur) (state standin.State, told string, first error) {
	copied := template.copied(t)
	world := copied.open(t, s.wrap)
	defer func() { _ = world.Close() }()
	said := &said{}
	attempt := func(doubt publish.Doubt) error {
		r, err := released(addressesOf(world), b, said)
		if err != nil {
			return err
		}
		return all(context.WithoutCancel(t.Context()), r, b.Built, doubt)
	}
	if first = attempt(publish.Unsolved); first != nil {
		if err := attempt(publish.Unsolved); err != nil {
			t.Errorf("%s at %s: it failed (%v), and so did the next run: %v", s.fault.name, s.call.Load(), first, err)
		}
	}
	state, err := world.State(context.WithoutCancel(t.Context()))
	if err != nil {
		t.Error(err)
	}
	if errors.Is(first, announce.ErrUncertain) {
		doubt := publish.Again
		if len(state.Messages) > 0 {
			doubt = publish.Seen
		}
		if err := attempt(doubt); err != nil {
			t.Error(err)
		}
		if state, err = world.State(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	}
	return state, said.String(), first
}

// Each request goes wrong in each way, and the release is run again if it
// failed. What comes of it is what comes of an undisturbed one.
func TestFaultMatrix(t *testing.T) {
	template := newStage(t)
	template.commit(t, "feat: more", "v1.7.3")
	b := template.build(t, "v1.7.3")
	reference := template.copied(t)
	counter := &saboteur{}
	world := reference.open(t, counter.wrap)
	if err := play(t.Context(), world, b, func(ctx context.Context, r publish.Release) error { return all(ctx, r, b.Built, publish.Unsolved) }); err != nil {
		t.Fatal(err)
	}
	want := reference.close(t, world)
	requests := counter.count.Load()

	start := time.Now()
	var survived, at1st, doubts atomic.Int64
	var mu sync.Mutex
	var group errgroup.Group
	group.SetLimit(6)
	for request := int64(1); request <= requests; request++ {
		for _, fault := range faults {
			group.Go(func() error {
				s := &saboteur{at: request, fault: fault}
				got, told, first := faulty(t, template, b, s)
				mu.Lock()
				defer mu.Unlock()
				expected := want
				if errors.Is(first, announce.ErrUncertain) {
					doubts.Add(1)
					expected, got = withoutMessageID(clone(t, want)), withoutMessageID(got)
				}
				if diff := cmp.Diff(expected, got); diff != "" {
					t.Errorf("%s at %s (%v), it ended otherwise (-want +got):\n%s\n%s", fault.name, s.call.Load(), first, diff, told)
					return nil
				}
				survived.Add(1)
				if first == nil {
					at1st.Add(1)
				}
				return nil
			})
		}
	}
	_ = group.Wait()
	if doubts.Load() > int64(len(faults)) || strings.Count(fmt.Sprint(want.Messages), "embeds") != 1 {
		t.Errorf("%d faults left the announcement in doubt, expected those of one request at most", doubts.Load())
	}
	fmt.Printf("fault matrix: %d of %d faults survived (%d requests, %d without a second run, %s)\n", survived.Load(), requests*int64(len(faults)), requests,
		at1st.Load(), time.Since(start).Round(time.Second))
}
