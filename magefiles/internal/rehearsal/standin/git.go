package standin

import (
	"context"
	"time"
)

// Git is the git repository behind GitHub. A name is a full ref ("refs/…"), a hash or a
// prefix of one; a kind is git's ("commit", "tree", "blob"), or "object" for any of
// them.
type Git interface {
	// Object returns the hash that a name refers to, with tags peeled until it is of
	// the kind; "" if there is none.
	Object(ctx context.Context, name, kind string) string
	// Kind returns the kind of an existing object.
	Kind(ctx context.Context, hash string) (string, error)
	// Inside finds a file or folder in a commit; the kind is "" if the path does not
	// exist.
	Inside(ctx context.Context, commit, path string) (hash, kind string)
	// Includes reports whether a commit is another one or descends from it.
	Includes(ctx context.Context, commit, ancestor string) bool

	Blob(ctx context.Context, hash string) ([]byte, error)
	Tree(ctx context.Context, hash string, recursive bool) ([]TreeEntry, error)
	Commit(ctx context.Context, hash string) (Commit, error)

	PutBlob(ctx context.Context, content []byte) (hash string, err error)
	// PutTree creates a tree from another one ("" for none) and changes. An entry
	// without a hash removes its path.
	PutTree(ctx context.Context, base string, changes []TreeEntry) (hash string, err error)
	// PutCommit creates a commit from everything but its hash.
	PutCommit(ctx context.Context, commit Commit) (hash string, err error)

	// Refs returns the refs below a prefix (which is removed) and their objects, sorted
	// by name.
	Refs(ctx context.Context, prefix string) ([][2]string, error)
	// SetRef points a ref at another object, if it is still at before ("" for none); "" as
	// the hash deletes it.
	SetRef(ctx context.Context, ref, hash, before string) error
}

// Commit is the content of a commit.
type Commit struct {
	Hash, Tree, Message      string
	Parents                  []string
	Author, AuthorMail       string
	Committer, CommitterMail string
	Authored, Committed      time.Time
}

// TreeEntry is an entry of a tree: Size, in bytes, is "-" for entries without a size,
// and Path is relative to the requested tree.
type TreeEntry struct{ Mode, Kind, Hash, Size, Path string }
