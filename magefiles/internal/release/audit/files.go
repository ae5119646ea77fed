package audit

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/artifact"
	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/signature"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/build"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/publish"
)

// files checks that each file is the one of the record. What is read again is kept.
func (i *inspection) files(ctx context.Context) {
	for _, file := range i.state.Files {
		var content bytes.Buffer
		seen, to := sha256.New(), io.Writer(&content)
		if !unlisted(file.Name) && file.Name != build.SBOMFile {
			to = io.Discard
		}
		var size counter
		err := i.downloadTo(ctx, file.Name, io.MultiWriter(seen, &size, to))
		if err != nil {
			i.failed[file.Name] = err
		} else {
			err = same(file, fmt.Sprintf("%x", seen.Sum(nil)), int64(size))
		}
		if err == nil {
			i.content[file.Name] = content.Bytes()
		}
		i.add("file "+file.Name, file.SHA256, err)
	}
}

// counter counts the bytes that are written to it.
type counter int64

func (c *counter) Write(data []byte) (int, error) {
	*c += counter(len(data))
	return len(data), nil
}

// reading is what was read of the files of a release, by name.
type reading struct {
	content map[string][]byte // of those that say something of others
	failed  map[string]error  // why one was not read
}

// fileIn returns the content of a file, if it is the one of the record.
func (r reading) fileIn(name string) ([]byte, error) {
	data, is := r.content[name]
	switch {
	case is:
		return data, nil
	case Row{Problem: r.failed[name]}.NotChecked():
		return nil, NotChecked(fmt.Errorf("%s could not be downloaded", name))
	}
	return nil, fmt.Errorf("%s is not with the release as the record says", name)
}

func same(file artifact.File, sum string, size int64) error {
	if sum != file.SHA256 {
		return fmt.Errorf("its SHA-256 is %s, and the record says %s", sum, file.SHA256)
	}
	if size != file.Size {
		return fmt.Errorf("it has %d bytes, and the record says %d", size, file.Size)
	}
	return nil
}

// checksums checks that checksums.txt lists just the files of the record.
func (i *inspection) checksums() {
	data, err := i.fileIn(build.ChecksumsFile)
	if err != nil {
		i.add("checksums", "", err)
		return
	}
	listed := map[string]string{}
	for line := range strings.Lines(string(data)) {
		sum, name, _ := strings.Cut(strings.TrimRight(line, "\n"), "  ")
		listed[name] = sum
	}
	var problem error
	for _, file := range i.state.Files {
		switch sum, is := listed[file.Name]; {
		case unlisted(file.Name):
		case !is:
			problem = fmt.Errorf("%s does not list %s", build.ChecksumsFile, file.Name)
		case sum != file.SHA256:
			problem = fmt.Errorf("%s says %s of %s, and the record says %s",
				build.ChecksumsFile, sum, file.Name, file.SHA256)
		}
		delete(listed, file.Name)
	}
	for name := range listed {
		problem = fmt.Errorf("%s lists %s, which the record does not", build.ChecksumsFile, name)
	}
	i.add("checksums", build.ChecksumsFile, problem)
}

// keys finds the key that must have signed.
func (i *inspection) keys() {
	data, missing := i.fileIn(build.PublicKeyFile)
	switch {
	case missing == nil:
		with, err := signature.ParsePublic(data)
		if err == nil && i.Key != nil && i.Key.Hint() != with.Hint() {
			err = fmt.Errorf("the release was signed with another key than the one that is asked for: %s, not %s",
				with.Hint(), i.Key.Hint())
		}
		if err == nil {
			i.key = &with
		}
		i.add("key", with.Hint(), err)
	case i.Key != nil || recorded(i.state, build.PublicKeyFile):
		i.add("key", "", missing)
	case i.Draft == nil && !recorded(i.state, build.ProvenanceFile):
		i.add("signatures", "", ErrNothingSigned)
	case recorded(i.state, build.ProvenanceFile):
		i.absent("signatures", fmt.Sprintf("no key has signed the release; nobody has signed %s and %s themselves, "+
			"nor what only the former says", publish.StateFile, build.ChecksumsFile))
	default:
		i.absent("signatures", "no key has signed the release")
		if !i.Rehearsal { // of which nothing is signed without a key
			i.warn("nothing of it is signed, so that verify will refuse it: set signing.key, or release it with the " +
				"attestations of the release workflow")
		}
	}
}

// ErrNothingSigned is the problem of a release that nobody has signed: it may be as its record says,
// but nothing shows that the record is right.
var ErrNothingSigned = fmt.Errorf("there is neither %s nor %s", build.PublicKeyFile, build.ProvenanceFile)

// others looks for files that the record does not list, and that nobody has signed. To a draft, others
// may have attached what the pipeline knows nothing of.
func (i *inspection) others() {
	var names []string
	for name := range i.assets {
		if name != publish.StateFile && !recorded(i.state, name) &&
			(!recorded(i.state, build.PublicKeyFile) || name != publish.StateFile+signature.Suffix) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	list := strings.Join(names, ", ")
	switch {
	case len(names) == 0:
		i.add("other files", "none", nil)
	case i.Draft != nil:
		i.absent("other files", "the record does not list "+list)
		i.warn("verify will refuse it, since its record does not list %s: let publish.attach attach it", list)
	default:
		i.add("other files", "", fmt.Errorf("neither the record lists %s, nor is it signed by anybody", list))
	}
}

// signatures checks that each file is signed by the key.
func (i *inspection) signatures(ctx context.Context) {
	if i.key == nil {
		return
	}
	check := func(name, sum string, bundle []byte, err error) {
		if err == nil {
			_, err = signature.Check(bundle, *i.key, sum, signature.Signed)
		}
		i.add("signature of "+name, name+signature.Suffix, err)
	}
	for _, file := range i.state.Files {
		if isBundle(file.Name) || file.Name == build.PublicKeyFile {
			continue
		}
		data, err := i.fileIn(file.Name + signature.Suffix)
		check(file.Name, file.SHA256, data, err)
	}
	data, err := i.download(ctx, publish.StateFile+signature.Suffix)
	check(publish.StateFile, fmt.Sprintf("%x", sha256.Sum256(i.content[publish.StateFile])), data, err)
}

// recorded reports whether a record lists a file.
func recorded(state publish.State, name string) bool {
	return slices.ContainsFunc(state.Files, func(f artifact.File) bool { return f.Name == name })
}
