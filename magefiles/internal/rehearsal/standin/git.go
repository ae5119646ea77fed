package standin

import (
	"context"
	"time"
)

// Git is the git repository behind GitHub. A name is a full ref ("refs/…"), a
// hash or the beginning of one; a kind is git's ("commit", "tree", "blob"), or
// "object" for whatever it is.
type Git interface {
	// Object is the hash of what a name leads to, tags peeled until it is of the
	// kind; "" when there is no such thing.
	Object(ctx context.Context, name, kind string) string
	// Kind is the kind of an object that is there.
	Kind(ctx context.Context, hash string) (string, error)
	// Inside finds a file or folder in a commit; the kind is "" when there is no such path.
	Inside(ctx context.Context, commit, path string) (hash, kind string)
	// Includes tells whether a commit is another one, or descends from it.
	Includes(ctx context.Context, commit, ancestor string) bool

	Blob(ctx context.Context, hash string) ([]byte, error)
	Tree(ctx context.Context, hash string, recursive bool) ([]TreeEntry, error)
	Commit(ctx context.Context, hash string) (Commit, error)

	PutBlob(ctx context.Context, content []byte) (hash string, err error)
	// PutTree makes a tree of another one ("" for none) and what changes in it. An
	// entry without a hash takes its path away.
	PutTree(ctx context.Context, base string, changes []TreeEntry) (hash string, err error)
	// PutCommit makes a commit of all that is said of it but its hash.
	PutCommit(ctx context.Context, commit Commit) (hash string, err error)

	// Refs are the refs below a prefix (which is cut off) and the objects they
	// name, in order of name.
	Refs(ctx context.Context, prefix string) ([][2]string, error)
	// SetRef lets a ref name another object, if it names before now ("" for none).
	SetRef(ctx context.Context, ref, hash, before string) error
}

// Commit is what a commit says.
type Commit struct {
	Hash, Tree, Message      string
	Parents                  []string
	Author, AuthorMail       string
	Committer, CommitterMail string
	Authored, Committed      time.Time
}

// TreeEntry is an entry of a tree: Size, in bytes, is "-" for what has none, and
// Path is from the root of what was asked for.
type TreeEntry struct{ Mode, Kind, Hash, Size, Path string }
