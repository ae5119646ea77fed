package snapshot

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/source/git"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
)

// Match is a line of a file.
type Match struct {
	Path string
	Line int // from 1
	Text string
}

// noMatch is the exit code of git grep if nothing matches.
const noMatch = 1

// Search returns the lines of the text files of a tree that contain a text.
func (s *Store) Search(ctx context.Context, t Tree, text string) ([]Match, error) {
	out, err := s.git(ctx, "", nil, "grep", "-I", "-n", "-z", "--no-color", "--no-recurse-submodules",
		"--fixed-strings", "-e", text, t.root, "--", ".")
	var ended *run.Error
	if errors.As(err, &ended) && ended.Cause == nil && ended.Code == noMatch && ended.Tail == "" {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("search %s: %w", git.Short(t.Hash), err)
	}
	var list []Match
	for line := range strings.Lines(out) { // TREE:path NUL number NUL text
		fields := strings.SplitN(strings.TrimSuffix(line, "\n"), "\x00", 3)
		if len(fields) < 3 {
			continue
		}
		number, err := strconv.Atoi(fields[1])
		if err != nil {
			return nil, fmt.Errorf("search %s: git grep writes %q", git.Short(t.Hash), line)
		}
		list = append(list, Match{strings.TrimPrefix(fields[0], t.root+":"), number, fields[2]})
	}
	return list, nil
}
