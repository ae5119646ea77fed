package image

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
)

// Labels on everything that a verification makes: the image it is of, and the
// machine and lock file of the process that made it.
const (
	imageLabel = "io.github.hughkantsime.odin-release.verify"
	ownerLabel = imageLabel + ".owner"
)

// ownPrefix begins the name of every container, volume and lock file.
const ownPrefix = "odin-release-verify-"

func uniqueName() string { return ownPrefix + strings.ToLower(rand.Text()) }

func (v *verification) reference() string { return v.Repository + "@" + v.Digest }

func (v *verification) labels() []string {
	return []string{"--label", imageLabel + "=" + v.reference(), "--label", ownerLabel + "=" + v.owner}
}

// claim locks a file that the labels name. The kernel gives the lock back when
// this process dies, however it does: so a later one knows what is left over,
// and leaves one that still runs alone.
func (v *verification) claim() (release func(), err error) {
	host, err := os.Hostname()
	if err != nil {
		return nil, err
	}
	file, err := os.CreateTemp("", ownPrefix+"*.lock")
	if err != nil {
		return nil, fmt.Errorf("mark what is made as in use: %w", err)
	}
	release = func() { _, _ = os.Remove(file.Name()), file.Close() }
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		release()
		return nil, fmt.Errorf("lock %s: %w", file.Name(), err)
	}
	v.owner = host + ":" + file.Name()
	return release, nil
}

// sweep removes what killed verifications left. What cannot be removed is
// told; it is in nobody's way.
func (v *verification) sweep(ctx context.Context) {
	format := fmt.Sprintf("\t{{.Label %q}}\t{{.Label %q}}", imageLabel, ownerLabel)
	containers, err := v.docker(ctx, "ps", "--all", "--filter", "label="+ownerLabel, "--format", "{{.ID}}"+format)
	volumes, err2 := v.docker(ctx, "volume", "ls", "--filter", "label="+ownerLabel, "--format", "{{.Name}}"+format)
	networks, err3 := v.docker(ctx, "network", "ls", "--filter", "label="+ownerLabel, "--format", "{{.Name}}"+format)
	if err := errors.Join(err, err2, err3); err != nil {
		v.log.Warnf("%s: what an earlier verification may have left is not looked for: %v", v.Platform, err)
		return
	}
	host, _, _ := strings.Cut(v.owner, ":")
	dead := map[string]bool{}
	left := func(listed string) (names []string) {
		for line := range strings.Lines(listed) {
			fields := strings.Split(strings.TrimRight(line, "\r\n"), "\t")
			if len(fields) != 3 {
				continue
			}
			theirs, lock, _ := strings.Cut(fields[2], ":")
			if _, known := dead[fields[2]]; !known && theirs == host {
				dead[fields[2]] = unlocked(lock)
			}
			// Whether a process of another machine lives can't be seen; two of
			// them hardly verify the same image on one engine.
			if dead[fields[2]] || theirs != host && fields[1] == v.reference() {
				names = append(names, fields[0])
			}
		}
		return names
	}
	dangling := left(containers)
	images := v.rehearsed(ctx, dangling)
	v.remove(ctx, dangling, left(volumes), left(networks))
	if len(images) > 0 {
		_, _ = v.docker(ctx, append([]string{"image", "rm"}, images...)...) // one that something else uses stays
	}
}

// rehearsed are the images of containers that came from a registry on this
// machine, a rehearsal's: nobody will pull or use them again.
func (v *verification) rehearsed(ctx context.Context, containers []string) []string {
	if len(containers) == 0 {
		return nil
	}
	names, err := v.docker(ctx, append([]string{"inspect", "--format", "{{.Config.Image}}"}, containers...)...)
	if err != nil {
		return nil // they stay, which harms nobody
	}
	return slices.DeleteFunc(strings.Fields(names), func(name string) bool { return !strings.HasPrefix(name, "127.0.0.1:") })
}

// unlocked tells whether nobody holds the lock of that path any more, and
// removes it then.
func unlocked(path string) bool {
	file, err := os.OpenFile(path, os.O_RDWR|syscall.O_NOFOLLOW, 0)
	if err != nil {
		return errors.Is(err, os.ErrNotExist)
	}
	defer file.Close()
	if syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) != nil {
		return false
	}
	if strings.HasPrefix(filepath.Base(path), ownPrefix) { // labels can say anything
		_ = os.Remove(path)
	}
	return true
}

// clean removes the named containers or, without names, all that was made,
// also after ctx has ended.
func (v *verification) clean(ctx context.Context, names ...string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanTimeout)
	defer cancel()
	if len(names) > 0 {
		v.remove(ctx, names, nil, nil)
		v.containers = slices.DeleteFunc(v.containers, func(name string) bool { return slices.Contains(names, name) })
		return
	}
	v.remove(ctx, v.containers, v.volumes, v.networks)
	if len(v.images) > 0 {
		// One that something else has come to use stays.
		_, _ = v.docker(ctx, append([]string{"image", "rm"}, v.images...)...)
	}
}

// gone is how the engine says that what is to be removed is not there.
var gone = regexp.MustCompile(`No such container|[Nn]o such network|network \S+ not found`)

// remove removes containers first, since they use the rest.
func (v *verification) remove(ctx context.Context, containers, volumes, networks []string) {
	var problems []error
	if len(containers) > 0 {
		_, err := v.docker(ctx, append([]string{"rm", "--force", "--volumes"}, containers...)...)
		problems = append(problems, err)
	}
	if len(volumes) > 0 {
		_, err := v.docker(ctx, append([]string{"volume", "rm", "--force"}, volumes...)...)
		problems = append(problems, err)
	}
	if len(networks) > 0 {
		_, err := v.docker(ctx, append([]string{"network", "rm"}, networks...)...)
		problems = append(problems, err)
	}
	problems = slices.DeleteFunc(problems, func(err error) bool { return err == nil || gone.MatchString(err.Error()) })
	if err := errors.Join(problems...); err != nil {
		v.log.Warnf("%s: something stays in the container engine (docker ps --all --filter label=%s): %v", v.Platform, imageLabel, err)
	}
}
