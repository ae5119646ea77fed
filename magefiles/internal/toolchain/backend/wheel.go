package backend

import (
	"archive/zip"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/sbom"
)

// vendored is a distribution in a file
// (https://packaging.python.org/en/latest/specifications/binary-distribution-format/).
type vendored struct {
	name, version string // normalised; from the file's name
	file, sum     string // the file's name, and its SHA-256 in hexadecimal
	metadata
}

// wheelsBelow reads the wheels in the folders of dir, which Vendor has written, or none if dir is "".
func wheelsBelow(dir string) (map[string][]vendored, error) {
	if dir == "" {
		return nil, nil
	}
	files, err := filepath.Glob(filepath.Join(dir, "*", "*.whl"))
	if err != nil {
		return nil, err
	}
	found, known := map[string][]vendored{}, map[string]bool{}
	for _, file := range files {
		read, err := readWheel(file)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", filepath.Base(file), err)
		}
		if !known[read.file+read.sum] { // another platform may have the same file
			known[read.file+read.sum] = true
			found[read.name] = append(found[read.name], read)
		}
	}
	return found, nil
}

func readWheel(file string) (vendored, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return vendored{}, err
	}
	read := vendored{file: filepath.Base(file), sum: fmt.Sprintf("%x", sha256.Sum256(data))}
	parts := strings.Split(read.file, "-")
	if len(parts) < 5 {
		return vendored{}, errors.New("its name is not that of a wheel")
	}
	read.name, read.version = normalised(parts[0]), parts[1]
	archive, err := zip.OpenReader(file)
	if err != nil {
		return vendored{}, err
	}
	defer archive.Close()
	for _, entry := range archive.File {
		if folder := path.Dir(entry.Name); path.Base(entry.Name) != "METADATA" ||
			!strings.HasSuffix(folder, ".dist-info") || strings.Contains(folder, "/") {
			continue
		}
		content, err := entry.Open()
		if err != nil {
			return vendored{}, err
		}
		defer content.Close()
		read.metadata, err = parseMetadata(content)
		return read, err
	}
	return vendored{}, fmt.Errorf("it has no METADATA: %w", fs.ErrNotExist)
}

// withWheels returns packages with the metadata of their wheels. A package without a wheel, such as one for another
// operating system, keeps the data of the lock.
func withWheels(packages []sbom.Package, wheels map[string][]vendored) []sbom.Package {
	versions := map[string]map[string]bool{}
	for _, each := range packages {
		if versions[each.Name] == nil {
			versions[each.Name] = map[string]bool{}
		}
		versions[each.Name][each.Version] = true
	}
	for i := range packages {
		each, sums, files := &packages[i], []string(nil), []string(nil)
		for _, of := range wheels[each.Name] {
			if len(versions[each.Name]) > 1 && of.version != each.Version {
				continue
			}
			sums, files = append(sums, of.sum), append(files, of.file)
			each.License, each.Supplier = of.license, sbom.Supplier{Name: of.supplier}
		}
		if len(files) > 0 {
			each.SHA256, each.Files = sums, files
		}
	}
	return packages
}
