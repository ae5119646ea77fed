package hotfix

import (
	"bytes"
	"context"
	"os"
	"path"
	"slices"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/source/git"
)

// pickAll cherry-picks commits. If one conflicts only in files that the target tag writes, it resolves the conflict
// to the branch's version and continues. It returns the files with such conflicts.
func (r Request) pickAll(ctx context.Context, commits []string) (kept []string, err error) {
	err = r.Repo.Committer().Pick(ctx, commits)
	for err != nil && ctx.Err() == nil && r.Repo.Committer().Picking(ctx) != "" {
		resolved, resolveErr := r.resolve(ctx)
		if resolveErr != nil {
			return kept, resolveErr
		}
		if len(resolved) == 0 || !r.Repo.WorkTree().Staged(ctx) {
			return kept, err
		}
		kept = append(kept, resolved...)
		err = r.Repo.Committer().Continue(ctx)
	}
	slices.Sort(kept)
	return slices.Compact(kept), err
}

// resolve resolves the conflicts of a commit and returns their files. If it cannot resolve all of them, it changes
// nothing and returns none.
func (r Request) resolve(ctx context.Context) ([]string, error) {
	unmerged, err := r.Repo.WorkTree().Unmerged(ctx)
	if err != nil || len(unmerged) == 0 {
		return nil, err
	}
	names, err := r.written(ctx)
	if err != nil {
		return nil, err
	}
	merged := map[string][]byte{}
	var files []string
	for _, each := range unmerged {
		file, isWritten := names[each]
		if !isWritten {
			return nil, nil
		}
		sides, err := r.Repo.WorkTree().Sides(ctx, file)
		if err != nil {
			return nil, nil //nolint:nilerr // one side does not have the file: a person must decide
		}
		files = append(files, file)
		if file == path.Clean(r.App.Config.Changelog.File) {
			continue
		}
		content, ok, err := r.merge(ctx, file, sides)
		if err != nil || !ok {
			return nil, err
		}
		merged[file] = content
	}
	return files, r.keep(ctx, files, merged)
}

// written returns the files of the app that the target tag writes, by their names in git's list of conflicts.
func (r Request) written(ctx context.Context) (map[string]string, error) {
	prefix, err := r.Repo.WorkTree().Prefix(ctx)
	if err != nil {
		return nil, err
	}
	if prefix != "" {
		prefix = ":/" + prefix
	}
	names := map[string]string{}
	files := []string{r.App.Config.Changelog.File}
	for _, versionFile := range r.App.Config.VersionFiles {
		files = append(files, versionFile.Path)
	}
	for _, file := range files {
		names[prefix+path.Clean(file)] = path.Clean(file)
	}
	return names, nil
}

// merge merges a version file as if all sides had the branch's version, so other changes of the commit are picked.
// ok reports whether nothing else conflicts.
func (r Request) merge(ctx context.Context, file string, sides git.Sides) (content []byte, ok bool, err error) {
	for _, versionFile := range r.App.Config.VersionFiles {
		if path.Clean(versionFile.Path) == file && !sameVersion(versionFile, &sides) {
			return nil, false, nil
		}
	}
	dir, err := r.Scratch.Dir("merge")
	if err != nil {
		return nil, false, err
	}
	return r.Repo.WorkTree().Merge(ctx, dir, sides)
}

// sameVersion gives all sides the version of the branch, and reports whether that was possible.
func sameVersion(versionFile app.VersionFile, sides *git.Sides) bool {
	places, err := versionFile.Read(sides.Ours)
	if err != nil || len(places) == 0 {
		return false
	}
	ours, err := versionFile.Write(sides.Ours, places[0].Version)
	if err != nil || !bytes.Equal(ours, sides.Ours) {
		return false
	}
	for _, side := range []*[]byte{&sides.Base, &sides.Theirs} {
		if *side, err = versionFile.Write(*side, places[0].Version); err != nil {
			return false
		}
	}
	return true
}

// keep writes merged files, and keeps all others as on the branch.
func (r Request) keep(ctx context.Context, files []string, merged map[string][]byte) error {
	for _, file := range files {
		content, isMerged := merged[file]
		if !isMerged {
			if err := r.Repo.WorkTree().KeepOurs(ctx, file); err != nil {
				return err
			}
			continue
		}
		if err := os.WriteFile(r.App.Path(file), content, 0o644); err != nil {
			return err
		}
		if err := r.Repo.WorkTree().Resolved(ctx, file); err != nil {
			return err
		}
	}
	return nil
}
