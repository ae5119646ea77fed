package snapshot

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// list returns git's list of all files in a root tree. It asks git once for each hash: what a hash stands for never
// changes, so the list is stored beside the objects.
func (s *Store) list(ctx context.Context, root string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if listed, known := s.listed[root]; known {
		return listed, nil
	}
	if len(root) < 40 {
		return "", fmt.Errorf("%q is not the hash of a tree", root)
	}
	stored := keptList{filepath.Join(s.dir, "listed-"+root), filepath.Join(objectsOf(s.dir), root[:2], root[2:])}
	listed, known := stored.load()
	if !known {
		var err error
		if listed, err = s.git(ctx, "", nil, "ls-tree", "-r", "-z", "--full-tree", root); err != nil {
			return "", err
		}
		stored.save(listed)
	}
	s.listed[root] = listed
	return listed, nil
}

// keptList is a stored list of a root tree. Its first line is a hash of the list, which shows whether the list was
// written completely, and whether the store had the root's object itself.
type keptList struct{ file, object string } // object is the file that would contain the root's object

// load reads the list. whole reports whether it is complete, and the root's object is still in the same place.
func (k keptList) load() (listed string, whole bool) {
	content, err := os.ReadFile(k.file)
	if err != nil {
		return "", false
	}
	head, listed, _ := strings.Cut(string(content), "\n")
	return listed, head == k.head(listed)
}

// save stores a list. Errors are ignored: they only cost time.
func (k keptList) save(listed string) {
	if os.WriteFile(k.file+".new", []byte(k.head(listed)+"\n"+listed), 0o644) == nil {
		_ = os.Rename(k.file+".new", k.file)
	}
}

func (k keptList) head(listed string) string {
	_, err := os.Stat(k.object)
	return fmt.Sprintf("%x own=%v", sha256.Sum256([]byte(listed)), err == nil)
}
