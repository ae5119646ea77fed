package standin

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
)

// reader reads objects of a git repository through one git process, since a process for
// each object takes most of the time of a rehearsal. The process sees what others add to
// the repository. It starts with the first object, and again if it has ended.
type reader struct {
	dir string
	run *run.Runner

	mu     sync.Mutex
	git    *batch // nil if it does not run
	closed bool
}

// object returns the object that a revision names (gitrevisions(7)): its hash, its kind
// and its content, all empty if there is none.
func (r *reader) object(revision string) (hash, kind string, content []byte, err error) {
	if strings.Contains(revision, "\n") {
		return "", "", nil, nil // git would read two names
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return "", "", nil, errors.New("the repository is closed")
	}
	for range 2 {
		if r.git == nil {
			if r.git, err = startBatch(r.dir, r.run); err != nil {
				return "", "", nil, err
			}
		}
		if hash, kind, content, err = r.git.object(revision); err == nil {
			return hash, kind, content, nil
		}
		err = errors.Join(fmt.Errorf("read %s: %w", revision, err), r.git.end())
		r.git = nil
	}
	return "", "", nil, err
}

func (r *reader) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	if r.git != nil {
		_ = r.git.end() // everything has been read
		r.git = nil
	}
}

// batch is a running git cat-file --batch.
type batch struct {
	names   *os.File // its input
	objects *bufio.Reader
	read    chan struct{} // closed when nothing more is read
	ended   chan error
}

func startBatch(dir string, runner *run.Runner) (*batch, error) {
	input, names, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	b := &batch{names: names, read: make(chan struct{}), ended: make(chan error, 1)}
	output := make(chan io.Reader)
	go func() {
		err := runner.Stream(context.Background(), run.Command{
			For:     "stand-in",
			Dir:     dir,
			Timeout: 24 * time.Hour,
			Input:   input,
			Env:     []string{"LC_ALL=C"},
			Args:    []string{"git", "--git-dir=" + dir, "cat-file", "--batch"},
		}, func(from io.Reader) error {
			output <- from
			<-b.read
			return nil
		})
		b.ended <- errors.Join(err, input.Close())
	}()
	b.objects = bufio.NewReader(<-output)
	return b, nil
}

// object asks for one object (git-cat-file(1), batch output).
func (b *batch) object(revision string) (hash, kind string, content []byte, err error) {
	if _, err := io.WriteString(b.names, revision+"\n"); err != nil {
		return "", "", nil, err
	}
	line, err := b.objects.ReadString('\n')
	if err != nil {
		return "", "", nil, err
	}
	line = strings.TrimSuffix(line, "\n")
	for _, none := range []string{" missing", " ambiguous", " submodule"} {
		if strings.HasSuffix(line, none) {
			return "", "", nil, nil
		}
	}
	fields := strings.Fields(line)
	if len(fields) != 3 {
		return "", "", nil, fmt.Errorf("git answers %q", line)
	}
	size, err := strconv.Atoi(fields[2])
	if err != nil {
		return "", "", nil, fmt.Errorf("git answers %q", line)
	}
	content = make([]byte, size+1) // with a line ending
	if _, err := io.ReadFull(b.objects, content); err != nil {
		return "", "", nil, err
	}
	return fields[0], fields[1], content[:size], nil
}

// end ends the process.
func (b *batch) end() error {
	err := b.names.Close()
	close(b.read)
	return errors.Join(err, <-b.ended)
}
