package build

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/artifact"
	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/signature"
)

// PublicKeyFile is the file with the key that verifies the signatures, under the name that
// cosign gives it.
const PublicKeyFile = "cosign.pub"

// Sign writes a signature of each file of a folder beside it, and the public key. It
// returns all files. A file that is a signature itself is not signed.
func Sign(dir string, files []artifact.File, key *signature.Key) ([]artifact.File, error) {
	all := slices.Clone(files)
	add := func(name string, content []byte) error {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o644); err != nil {
			return err
		}
		file, err := artifact.Measure(dir, name)
		all = append(all, file)
		return err
	}
	for _, file := range files {
		if strings.HasSuffix(file.Name, signature.Suffix) {
			continue
		}
		bundle, err := key.Sign(signature.Of(file.Name, file.SHA256, signature.Signed, nil))
		if err == nil {
			err = add(file.Name+signature.Suffix, bundle)
		}
		if err != nil {
			return nil, fmt.Errorf("sign %s: %w", file.Name, err)
		}
	}
	if err := add(PublicKeyFile, key.Public.PEM()); err != nil {
		return nil, fmt.Errorf("write the public key: %w", err)
	}
	slices.SortFunc(all, func(a, b artifact.File) int { return strings.Compare(a.Name, b.Name) })
	return all, nil
}
