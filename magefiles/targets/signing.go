package targets

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/signature"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/build"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/publish"
)

// signingKey is the key that release.yaml names; nil if it names none.
func (p delivery) signingKey() (*signature.Key, error) {
	from := p.app.Config.Signing.Key
	if from == "" || p.outside.key == nil {
		return nil, nil
	}
	data, err := p.outside.key(p.app)
	if err != nil {
		return nil, err
	}
	p.redactor.Learn(linesOfKey(string(data))...)
	key, err := signature.ParseKey(data)
	if err != nil {
		return nil, fmt.Errorf("the key of signing.key (%s): %w", from, err)
	}
	return key, nil
}

// keyHere is the key as the environment or a file on this machine has it.
func keyHere(of *app.App) ([]byte, error) {
	from := of.Config.Signing
	if name := from.Variable(); name != "" {
		value := os.Getenv(name)
		if strings.TrimSpace(value) == "" {
			return nil, fmt.Errorf("%s is not set; set it to the private key in PEM that signing.key of %s names",
				name, app.ConfigFile)
		}
		return []byte(value), nil
	}
	file := from.Key
	if !filepath.IsAbs(file) {
		file = of.Path(filepath.FromSlash(file))
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read the key of signing.key: %w", err)
	}
	return data, nil
}

// madeKey is a key that a rehearsal makes on the spot, and keeps beside its stand-ins: a
// second rehearsal goes on from the first one.
func madeKey(dir string) func(*app.App) ([]byte, error) {
	file := filepath.Join(dir, "signing.key")
	return func(*app.App) ([]byte, error) {
		kept, err := os.ReadFile(file)
		if err == nil || !errors.Is(err, os.ErrNotExist) {
			return kept, err
		}
		key, err := signature.Generate()
		if err != nil {
			return nil, err
		}
		made, err := key.PEM()
		if err == nil {
			err = os.WriteFile(file, made, 0o600)
		}
		return made, err
	}
}

// keySecrets are the parts of a key in the environment that nobody should read.
func keySecrets(of *app.App) []string {
	if name := of.Config.Signing.Variable(); name != "" {
		return linesOfKey(os.Getenv(name))
	}
	return nil
}

// keyVariables are the environment variables with a key. Tools do not get them.
func keyVariables(of *app.App) []string {
	if name := of.Config.Signing.Variable(); name != "" {
		return []string{name}
	}
	return nil
}

// linesOfKey are the lines of a key in PEM: a program may print it line by line.
func linesOfKey(text string) []string {
	list := []string{strings.TrimSpace(text)}
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); len(line) >= 16 && !strings.HasPrefix(line, "-----") {
			list = append(list, line)
		}
	}
	return list
}

// signed are the files of a build with their signatures, if the release is signed.
func (p publication) signed(out publish.Release, built publish.Artifacts) (publish.Artifacts, error) {
	if p.app.Config.Signing.Key == "" {
		return built, nil
	}
	if out.Key == nil {
		_, err := p.delivery().signingKey()
		return built, fmt.Errorf("sign the release: %w", err)
	}
	var err error
	built.Files, err = build.Sign(built.Dir, built.Files, out.Key)
	return built, err
}
