package main

import (
	"bufio"
	"context"
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// perTag is the approximate number of commits for each release tag.
const perTag = 100

// emptyTree is git's hash of an empty tree.
const emptyTree = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"

// people are authors as they occur: in several scripts, with several special
// characters.
var people = []string{"Ada Lovelace", "José Ñúñez", "Łukasz Żak", "山田 太郎", "Зоя Петрова", "Siân O'Neil", "Jürgen Groß",
	"Bob_the *Builder*", "dependabot[bot]", "Ngọc Trần", "Émile Zola", "Grace Hopper"}

var (
	kinds = []string{
		"feat",
		"feat",
		"fix",
		"fix",
		"fix",
		"docs",
		"chore",
		"chore",
		"perf",
		"refactor",
		"test",
		"build",
		"ci",
		"style",
		"Fix",
		"release",
		"conductor",
	}
	scopes  = []string{"api", "ui", "database/models", "core+ui.x", "api, ui", "printers", "auth", "größe", ""}
	verbs   = []string{"add", "drop", "move", "rename", "speed up", "tidy", "guard", "größer machen:", "说明", "allow"}
	objects = []string{
		"the printer queue",
		"`PATCH /printers/{id}`",
		"a_b and *c*",
		"<input> fields & labels",
		"retries → backoff",
		"v1.2 — notes",
		"https://example.org/docs?a=b_c",
		"the @octo team's page",
		"日本語の文",
		"[links](to) | tables",
	}
	sentence = []string{
		"The old way kept a copy of every row, which was slow.",
		"Siehe auch die Übersicht der Größen — sie gilt weiter.",
		"Measured on a small machine: 12 ms → 3 ms.",
		"Note: this is not a footer, only a sentence with a colon.",
		"これは本文です。",
		"- first\n- second\n- third",
	}
)

// author generates a history as a git-fast-import(1) stream; the same size always gives
// the same history.
type author struct {
	out   *bufio.Writer
	dice  *rand.Rand
	clock int64
	count int    // commits so far; the last one's mark
	tags  int    // release tags so far
	main  commit // the tip of the branch main
	past  []commit
}

// commit is what later commits refer to.
type commit struct {
	mark          int
	hash, subject string
}

// ensureHistory creates a repository with a history of that many commits, unless an
// earlier run created it.
func ensureHistory(ctx context.Context, dir string, commits int) error {
	want, err := writeHistory(io.Discard, commits)
	if err != nil {
		return err
	}
	if _, err := os.Stat(dir); err == nil {
		if head, err := gitIn(ctx, dir, nil, "rev-parse", "main"); err == nil && head == want.hash {
			return nil
		}
	}
	unfinished := dir + ".new"
	if err := errors.Join(os.RemoveAll(dir), os.RemoveAll(unfinished), os.MkdirAll(unfinished, 0o755)); err != nil {
		return err
	}
	if err := makeHistory(ctx, unfinished, commits); err != nil {
		return err
	}
	head, err := gitIn(ctx, unfinished, nil, "rev-parse", "main")
	if err != nil {
		return err
	}
	if head != want.hash {
		return fmt.Errorf("the history of %d commits ends at %s, expected %s", commits, head, want.hash)
	}
	return os.Rename(unfinished, dir)
}

// makeHistory turns an empty folder into a repository, packed as after a clone.
func makeHistory(ctx context.Context, dir string, commits int) error {
	from, to := io.Pipe()
	defer func() { _ = from.Close() }()
	go func() {
		_, err := writeHistory(to, commits)
		_ = to.CloseWithError(err)
	}()
	for _, step := range []struct {
		args  []string
		input io.Reader
	}{
		{args: []string{"init", "--quiet", "--initial-branch=main"}},
		{args: []string{"config", "remote.origin.url", "https://git.example.org/acme/history.git"}},
		{args: []string{"fast-import", "--quiet", "--done"}, input: from},
		{args: []string{"pack-refs", "--all"}},
	} {
		if _, err := gitIn(ctx, dir, step.input, step.args...); err != nil {
			return err
		}
	}
	return nil
}

// gitIn runs git in a folder and returns its output.
func gitIn(ctx context.Context, dir string, input io.Reader, args ...string) (string, error) {
	command := exec.CommandContext(ctx, "git", args...)
	command.Dir, command.Stdin, command.Stderr = dir, input, os.Stderr
	out, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("git %s in %s: %w", args[0], filepath.Base(dir), err)
	}
	return strings.TrimSpace(string(out)), nil
}

// writeHistory writes a whole history and returns its last commit.
func writeHistory(to io.Writer, commits int) (commit, error) {
	a := &author{out: bufio.NewWriter(to), dice: rand.New(rand.NewPCG(uint64(commits), 7)), clock: 1_500_000_000}
	for a.count < commits {
		if a.count > 10 && commits-a.count > 6 && a.dice.IntN(12) == 0 {
			a.branch()
		} else {
			a.main = a.commit("refs/heads/main", a.message(), a.main)
		}
		if a.count/perTag > a.tags {
			a.tag()
		}
	}
	fmt.Fprint(a.out, "done\n")
	return a.main, a.out.Flush()
}

// branch makes a branch beside main, from a few commits back, and merges it.
func (a *author) branch() {
	tip := a.past[max(0, len(a.past)-1-a.dice.IntN(6))]
	length := 1 + a.dice.IntN(3)
	for range length {
		tip = a.commit("refs/heads/topic", a.message(), tip)
	}
	a.main = a.commit(
		"refs/heads/main",
		fmt.Sprintf("Merge pull request #%d from acme/topic-%d\n\nWhat the branch brings\n", a.count, tip.mark),
		a.main,
		tip,
	)
}

// commit writes a commit and computes its hash.
func (a *author) commit(ref, message string, parents ...commit) commit {
	a.count++
	a.clock += int64(60 + a.dice.IntN(4000))
	name := people[a.dice.IntN(len(people))]
	who := fmt.Sprintf("%s <person%d@example.org> %d +0000", name, a.dice.IntN(60), a.clock)
	object := "tree " + emptyTree + "\n"
	links := ""
	for i, parent := range parents {
		if parent.mark == 0 {
			continue // the first commit has none
		}
		object += "parent " + parent.hash + "\n"
		links += fmt.Sprintf("%s :%d\n", []string{"from", "merge"}[min(i, 1)], parent.mark)
	}
	object += "author " + who + "\ncommitter " + who + "\n\n" + message
	if links == "" {
		fmt.Fprintf(a.out, "reset %s\n", ref)
	}
	fmt.Fprintf(
		a.out,
		"commit %s\nmark :%d\nauthor %s\ncommitter %s\ndata %d\n%s\n%s\n",
		ref,
		a.count,
		who,
		who,
		len(message),
		message,
		links,
	)
	sum := sha1.Sum(fmt.Appendf(nil, "commit %d\x00%s", len(object), object))
	subject, _, _ := strings.Cut(message, "\n")
	made := commit{mark: a.count, hash: hex.EncodeToString(sum[:]), subject: subject}
	a.past = append(a.past[max(0, len(a.past)-50):], made)
	return made
}

// tag marks a release on main: annotated or not, occasionally a release candidate.
func (a *author) tag() {
	a.tags++
	name := fmt.Sprintf("v%d.%d.%d", a.tags/100, a.tags/10%10, a.tags%10)
	if a.dice.IntN(8) == 0 {
		name += "-rc.1"
	}
	if a.dice.IntN(2) == 0 {
		fmt.Fprintf(a.out, "reset refs/tags/%s\nfrom :%d\n\n", name, a.main.mark)
		return
	}
	text := "Release " + name + "\n"
	fmt.Fprintf(
		a.out,
		"tag %s\nfrom :%d\ntagger %s <ada@example.org> %d +0000\ndata %d\n%s\n",
		name,
		a.main.mark,
		people[0],
		a.clock,
		len(text),
		text,
	)
}

func (a *author) pick(from []string) string { return from[a.dice.IntN(len(from))] }

// message returns a commit message, most of them conventional.
func (a *author) message() string {
	text := fmt.Sprintf("%s %s, step %d", a.pick(verbs), a.pick(objects), a.count)
	if a.dice.IntN(3) == 0 {
		text += fmt.Sprintf(" (#%d)", a.count)
	}
	switch roll := a.dice.IntN(100); {
	case roll < 2 && len(a.past) > 5:
		undone := a.past[len(a.past)-1-a.dice.IntN(5)]
		return fmt.Sprintf("Revert \"%s\"\n\nThis reverts commit %s.\n", undone.subject, undone.hash)
	case roll < 14:
		return strings.ToUpper(text[:1]) + text[1:] + "\n" + a.body()
	case roll < 16:
		return a.pick(kinds) + "!: " + text + "\n" + a.body()
	case roll < 60:
		return a.pick(kinds) + "(" + a.pick(scopes) + "): " + text + "\n" + a.body()
	}
	return a.pick(kinds) + ": " + text + "\n" + a.body()
}

// body returns what follows a subject: nothing, paragraphs, footers.
func (a *author) body() string {
	var body strings.Builder
	for range a.dice.IntN(3) {
		body.WriteString("\n" + a.pick(sentence) + "\n" + a.pick(sentence) + "\n")
	}
	if a.dice.IntN(2) == 0 {
		fmt.Fprintf(&body, "\nRefs: #%d\n", a.count)
		if a.dice.IntN(3) == 0 {
			fmt.Fprintf(&body, "Co-authored-by: %s <pair@example.org>\n", a.pick(people))
		}
	}
	if a.dice.IntN(60) == 0 {
		body.WriteString("\nBREAKING CHANGE: the old name is gone,\n  use the new one\n")
	}
	return body.String()
}
