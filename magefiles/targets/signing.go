package targets

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/artifact"
	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/signature"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/build"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/publish"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
)

// signing signs what is released, if release.yaml names a key.
type signing struct {
	app      *app.App
	readKey  func(*app.App) ([]byte, error) // nil for none
	redactor *run.Redactor
}

func (s *session) signing() signing {
	return signing{app: s.app, readKey: s.outside.key, redactor: s.redactor}
}

// key returns the key that release.yaml names, nil if it names none.
func (p signing) key() (*signature.Key, error) {
	from := p.app.Config.Signing.Key
	if from == "" || p.readKey == nil {
		return nil, nil
	}
	data, err := p.readKey(p.app)
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

// keyHere returns the key as the environment or a file on this machine has it.
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

// madeKey returns a key that a rehearsal makes on the spot, and keeps beside its stand-ins: a
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

// keySecrets returns the parts of a key in the environment that nobody should read.
func keySecrets(of *app.App) []string {
	if name := of.Config.Signing.Variable(); name != "" {
		return linesOfKey(os.Getenv(name))
	}
	return nil
}

// keyVariables returns the environment variables with a key. Tools do not get them.
func keyVariables(of *app.App) []string {
	if name := of.Config.Signing.Variable(); name != "" {
		return []string{name}
	}
	return nil
}

// linesOfKey returns the lines of a key in PEM: a program may print it line by line.
func linesOfKey(text string) []string {
	list := []string{strings.TrimSpace(text)}
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); len(line) >= 16 && !strings.HasPrefix(line, "-----") {
			list = append(list, line)
		}
	}
	return list
}

// signed returns the files of a build with their signatures and the claims about the image. Without a
// key in release.yaml it returns what was built.
func (p signing) signed(out publish.Release, built publish.Artifacts) (publish.Artifacts, error) {
	if p.app.Config.Signing.Key == "" {
		return built, nil
	}
	if out.Key == nil {
		_, err := p.key()
		return built, fmt.Errorf("sign the release: %w", err)
	}
	var err error
	if built.Claims, err = p.claims(out, built); err != nil {
		return built, err
	}
	built.Files, err = build.Sign(built.Dir, built.Files, out.Key)
	return built, err
}

// claims returns the statements about the image that are signed: its origin, its SBOM, and the findings
// that do not affect it.
func (p signing) claims(out publish.Release, built publish.Artifacts) ([]signature.Claim, error) {
	made, err := signature.Made(signature.Origin{
		Repository: out.Plan.Repository, Tag: out.Plan.Tag, Commit: out.Plan.Commit, Tree: built.Image.Tree,
	})
	if err != nil {
		return nil, err
	}
	list := []signature.Claim{made}
	if slices.ContainsFunc(built.Files, func(f artifact.File) bool { return f.Name == build.SBOMFile }) {
		bill, err := os.ReadFile(filepath.Join(built.Dir, build.SBOMFile))
		if err != nil {
			return nil, err
		}
		list = append(list, signature.Claim{Name: "SBOM", Type: signature.SPDX, Predicate: bill})
	}
	findings, err := p.findings(signature.Scanned{
		Image: p.app.Config.Build.Image.Name, Tag: out.Plan.Version, Digest: built.Image.Digest,
		Repository: out.Plan.Repository, Time: out.Plan.CommitTime,
	})
	return append(list, findings...), err
}

// findings returns the claim of signing.vex or signing.findings about an image, if there is one.
func (p signing) findings(of signature.Scanned) ([]signature.Claim, error) {
	file, here := p.app.Config.Signing.VEX, p.app.Config.Signing.Findings
	if file == "" && len(here) == 0 {
		return nil, nil
	}
	if p.app.Config.Signing.Key == "" {
		key := "signing.vex"
		if file == "" {
			key = "signing.findings"
		}
		return nil, fmt.Errorf(
			"%s: %s is signed, and signing.key names no key: name one, or remove %s",
			app.ConfigFile, key, key,
		)
	}
	if file == "" {
		list := make([]signature.Finding, len(here))
		for i, each := range here {
			list[i] = signature.Finding(each)
		}
		claim, err := signature.Affect(of, list)
		return []signature.Claim{claim}, err
	}
	document, err := os.ReadFile(p.app.Path(filepath.FromSlash(file)))
	if err != nil {
		return nil, fmt.Errorf("read signing.vex: %w", err)
	}
	claim, err := signature.Affecting(document)
	if err != nil {
		return nil, fmt.Errorf("%s, of signing.vex: %w", file, err)
	}
	return []signature.Claim{claim}, nil
}
