package standin

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// assets stores the content of release assets by id.
type assets interface {
	// receive reads a body. It fails if the body is incomplete.
	receive(body io.Reader) (parcel, error)
	keep(id int64, p parcel) error
	drop(p parcel) // removes what was not kept
	serve(w http.ResponseWriter, r *http.Request, id int64)
	remove(id int64)
}

// parcel is content that was received but not kept yet.
type parcel struct {
	size   int64
	sha256 string // hex
	file   string // on disk, or
	data   []byte // in memory
}

// assetFiles stores assets as files of a folder.
type assetFiles struct{ dir string }

func openAssetFiles(dir string) (assetFiles, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return assetFiles{}, err
	}
	halves, _ := filepath.Glob(filepath.Join(dir, "upload-*")) // leftovers of a killed upload; the pattern is fixed
	for _, half := range halves {
		os.Remove(half)
	}
	return assetFiles{dir}, nil
}

func (f assetFiles) file(id int64) string { return filepath.Join(f.dir, strconv.FormatInt(id, 10)) }

func (f assetFiles) receive(body io.Reader) (parcel, error) {
	out, err := os.CreateTemp(f.dir, "upload-*")
	if err != nil {
		return parcel{}, err
	}
	sum := sha256.New()
	size, err := io.Copy(io.MultiWriter(out, sum), body)
	return parcel{file: out.Name(), size: size, sha256: hex.EncodeToString(sum.Sum(nil))}, errors.Join(err, out.Close())
}

func (f assetFiles) keep(id int64, p parcel) error { return os.Rename(p.file, f.file(id)) }
func (f assetFiles) drop(p parcel)                 { os.Remove(p.file) }
func (f assetFiles) remove(id int64)               { os.Remove(f.file(id)) }
func (f assetFiles) serve(w http.ResponseWriter, r *http.Request, id int64) {
	http.ServeFile(w, r, f.file(id))
}

// assetBytes stores assets in memory.
type assetBytes map[int64][]byte

func (b assetBytes) receive(body io.Reader) (parcel, error) {
	data, err := io.ReadAll(body)
	sum := sha256.Sum256(data)
	return parcel{data: data, size: int64(len(data)), sha256: hex.EncodeToString(sum[:])}, err
}

func (b assetBytes) keep(id int64, p parcel) error { b[id] = p.data; return nil }
func (b assetBytes) drop(parcel)                   {}
func (b assetBytes) remove(id int64)               { delete(b, id) }
func (b assetBytes) serve(w http.ResponseWriter, r *http.Request, id int64) {
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(b[id]))
}
