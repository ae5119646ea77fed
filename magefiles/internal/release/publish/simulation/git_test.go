package simulation

import (
	"cmp"
	"context"
	"crypto/sha1"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/rehearsal/standin"
)

// memoryGit is a git repository in memory. Its objects have the hashes that git
// gives them (https://git-scm.com/book/en/v2/Git-Internals-Git-Objects).
type memoryGit struct {
	objects map[string]gitObject // by hash
	refs    map[string]string    // by full name
}

type gitObject struct {
	kind    string
	content []byte              // of a blob
	tree    []standin.TreeEntry // of a tree, without folders below
	commit  standin.Commit      // of a commit
}

func newGit() *memoryGit { return &memoryGit{map[string]gitObject{}, map[string]string{}} }

func (g *memoryGit) put(o gitObject, content []byte) string {
	sum := sha1.New()
	fmt.Fprintf(sum, "%s %d\x00%s", o.kind, len(content), content)
	hash := fmt.Sprintf("%x", sum.Sum(nil))
	g.objects[hash] = o
	return hash
}

func (g *memoryGit) Object(_ context.Context, name, kind string) string {
	hash := g.refs[name]
	if hash == "" && !strings.HasPrefix(name, "refs/") {
		for full := range g.objects {
			if strings.HasPrefix(full, name) {
				hash = full
			}
		}
	}
	found, ok := g.objects[hash]
	switch {
	case !ok:
		return ""
	case kind == "object" || kind == found.kind:
		return hash
	case kind == "tree" && found.kind == "commit":
		return found.commit.Tree
	}
	return ""
}

func (g *memoryGit) Kind(_ context.Context, hash string) (string, error) {
	found, ok := g.objects[hash]
	if !ok {
		return "", fs.ErrNotExist
	}
	return found.kind, nil
}

func (g *memoryGit) Inside(_ context.Context, commit, path string) (hash, kind string) {
	hash, kind = g.objects[commit].commit.Tree, "tree"
	for name := range strings.SplitSeq(path, "/") {
		if name == "" {
			continue
		}
		entries := g.objects[hash].tree
		at := slices.IndexFunc(entries, func(e standin.TreeEntry) bool { return e.Path == name })
		if at < 0 {
			return "", ""
		}
		hash, kind = entries[at].Hash, entries[at].Kind
	}
	return hash, kind
}

func (g *memoryGit) Includes(ctx context.Context, commit, ancestor string) bool {
	return commit == ancestor ||
		slices.ContainsFunc(
			g.objects[commit].commit.Parents,
			func(parent string) bool { return g.Includes(ctx, parent, ancestor) },
		)
}

func (g *memoryGit) Blob(_ context.Context, hash string) ([]byte, error) {
	found, ok := g.objects[hash]
	if !ok || found.kind != "blob" {
		return nil, fs.ErrNotExist
	}
	return found.content, nil
}

func (g *memoryGit) Tree(ctx context.Context, hash string, recursive bool) ([]standin.TreeEntry, error) {
	var all []standin.TreeEntry
	for _, e := range g.objects[hash].tree {
		e.Size = "-"
		if e.Kind == "blob" {
			e.Size = strconv.Itoa(len(g.objects[e.Hash].content))
		}
		all = append(all, e)
		if !recursive || e.Kind != "tree" {
			continue
		}
		below, err := g.Tree(ctx, e.Hash, true)
		if err != nil {
			return nil, err
		}
		for _, inner := range below {
			inner.Path = e.Path + "/" + inner.Path
			all = append(all, inner)
		}
	}
	return all, nil
}

func (g *memoryGit) Commit(_ context.Context, hash string) (standin.Commit, error) {
	found, ok := g.objects[hash]
	if !ok || found.kind != "commit" {
		return standin.Commit{}, fs.ErrNotExist
	}
	return found.commit, nil
}

func (g *memoryGit) PutBlob(_ context.Context, content []byte) (string, error) {
	return g.put(gitObject{kind: "blob", content: content}, content), nil
}

func (g *memoryGit) PutTree(ctx context.Context, base string, changes []standin.TreeEntry) (string, error) {
	entries := slices.Clone(g.objects[base].tree)
	below := map[string][]standin.TreeEntry{} // by folder
	for _, change := range changes {
		name, rest, inside := strings.Cut(change.Path, "/")
		if inside {
			change.Path = rest
			below[name] = append(below[name], change)
			continue
		}
		entries = with(entries, change)
	}
	for _, folder := range slices.Sorted(maps.Keys(below)) {
		old := ""
		if at := slices.IndexFunc(entries, func(e standin.TreeEntry) bool { return e.Path == folder }); at >= 0 {
			old = entries[at].Hash
		}
		hash, err := g.PutTree(ctx, old, below[folder])
		if err != nil {
			return "", err
		}
		if len(g.objects[hash].tree) == 0 {
			hash = "" // git keeps no empty folder
		}
		entries = with(entries, standin.TreeEntry{Mode: "040000", Kind: "tree", Hash: hash, Path: folder})
	}
	var content []byte
	for _, e := range entries {
		content = fmt.Appendf(content, "%s %s\x00", strings.TrimLeft(e.Mode, "0"), e.Path)
		for i := 0; i < len(e.Hash); i += 2 {
			digit, err := strconv.ParseUint(e.Hash[i:i+2], 16, 8)
			if err != nil {
				return "", err
			}
			content = append(content, byte(digit))
		}
	}
	return g.put(gitObject{kind: "tree", tree: entries}, content), nil
}

// with returns a tree's entries with one changed, added, or, if it has no hash, taken
// away; in git's order, in which a folder's name ends with a slash.
func with(entries []standin.TreeEntry, change standin.TreeEntry) []standin.TreeEntry {
	entries = slices.DeleteFunc(entries, func(e standin.TreeEntry) bool { return e.Path == change.Path })
	if change.Hash != "" {
		entries = append(entries, change)
	}
	key := func(e standin.TreeEntry) string {
		if e.Kind == "tree" {
			return e.Path + "/"
		}
		return e.Path
	}
	slices.SortFunc(entries, func(a, b standin.TreeEntry) int { return cmp.Compare(key(a), key(b)) })
	return entries
}

func (g *memoryGit) PutCommit(_ context.Context, c standin.Commit) (string, error) {
	content := fmt.Appendf(nil, "tree %s\n", c.Tree)
	for _, parent := range c.Parents {
		content = fmt.Appendf(content, "parent %s\n", parent)
	}
	content = fmt.Appendf(content, "author %s <%s> %d +0000\ncommitter %s <%s> %d +0000\n\n%s",
		c.Author, c.AuthorMail, c.Authored.Unix(), c.Committer, c.CommitterMail, c.Committed.Unix(), c.Message)
	hash := g.put(gitObject{kind: "commit"}, content)
	c.Hash, c.Authored, c.Committed = hash, c.Authored.UTC(), c.Committed.UTC()
	c.Message = strings.TrimRight(c.Message, "\n")
	g.objects[hash] = gitObject{kind: "commit", commit: c}
	return hash, nil
}

func (g *memoryGit) Refs(_ context.Context, prefix string) ([][2]string, error) {
	var all [][2]string
	for _, name := range slices.Sorted(maps.Keys(g.refs)) {
		if short, ok := strings.CutPrefix(name, prefix); ok {
			all = append(all, [2]string{short, g.refs[name]})
		}
	}
	return all, nil
}

func (g *memoryGit) SetRef(_ context.Context, ref, hash, before string) error {
	if hash != "" && strings.HasPrefix(ref, "refs/heads/") && g.objects[hash].kind != "commit" {
		return errors.New("a branch names a commit")
	}
	if g.refs[ref] != before {
		return errors.New("the ref names something else by now")
	}
	g.refs[ref] = hash
	if hash == "" {
		delete(g.refs, ref)
	}
	return nil
}
