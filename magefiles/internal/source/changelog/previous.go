package changelog

import (
	"bufio"
	"context"
	"io"
	"math/big"
	"slices"
	"strings"
)

// previous returns, by tag, the release before each tag in the history of a revision;
// "" stands for the unreleased changes. The release before a commit is the highest
// stable version in its history that is not on the commit itself, as for plan.Previous.
// One pass finds it for all tags.
func (h History) previous(ctx context.Context, to string) (map[string]string, error) {
	marks, err := h.marks(ctx)
	if err != nil {
		return nil, err
	}
	search := newAncestry(marks)
	err = h.Repo.Stream(ctx, []string{"rev-list", "--topo-order", "--parents", to, "--"}, func(from io.Reader) error {
		scanner := bufio.NewScanner(from)
		scanner.Buffer(nil, maxCommit)
		for scanner.Scan() {
			if hashes := strings.Fields(scanner.Text()); len(hashes) > 0 {
				search.add(hashes[0], hashes[1:])
			}
		}
		return scanner.Err()
	})
	return search.previous(), err
}

// ancestry finds the highest version before each release. It takes commits children
// before parents and keeps only the parents that are still expected.
type ancestry struct {
	marks  []Mark              // highest version first; the last one, without a tag, is for the revision itself
	on     map[string][]int    // marks by commit, ascending
	within map[string]*big.Int // by expected commit: a bit for each mark whose history contains it; never changed
	best   []int               // by mark: the highest one in its history, the last one if there is none
}

// newAncestry starts with the releases and no commit.
func newAncestry(marks []Mark) *ancestry {
	a := &ancestry{marks: append(descending(marks), Mark{}), on: map[string][]int{}, within: map[string]*big.Int{}}
	for i, mark := range a.marks[:len(marks)] {
		a.on[mark.Commit] = append(a.on[mark.Commit], i)
	}
	a.best = slices.Repeat([]int{len(marks)}, len(a.marks))
	return a
}

// add processes the next commit. The first one is the revision itself.
func (a *ancestry) add(commit string, parents []string) {
	within, known := a.within[commit]
	if !known {
		within = new(big.Int)
		within.SetBit(within, len(a.marks)-1, 1)
	}
	delete(a.within, commit)
	if on := a.on[commit]; len(on) > 0 {
		within = a.reach(within, on)
	}
	for _, parent := range parents {
		if before, known := a.within[parent]; known && before != within {
			a.within[parent] = new(big.Int).Or(before, within)
		} else {
			a.within[parent] = within
		}
	}
}

// reach records the marks on a commit for the marks whose history contains it. It
// returns the marks whose history contains the commit's parents.
func (a *ancestry) reach(within *big.Int, on []int) *big.Int {
	for i := range within.BitLen() {
		if within.Bit(i) == 1 {
			a.best[i] = min(a.best[i], on[0])
		}
	}
	all := new(big.Int).Set(within)
	for _, i := range on {
		all.SetBit(all, i, 1)
	}
	return all
}

// previous returns the result by tag.
func (a *ancestry) previous() map[string]string {
	found := map[string]string{}
	for i, best := range a.best {
		found[a.marks[i].Tag] = a.marks[best].Tag
	}
	return found
}
