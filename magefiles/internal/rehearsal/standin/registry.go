package standin

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"maps"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"

	ggcr "github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"

	outside "github.com/hughkantsime/odin-release/magefiles/internal/outside/registry"
)

// registry is go-containerregistry's own, with its blobs on disk and a journal of the
// manifests that it accepted. Pulling needs no credentials; pushing needs the token as
// the password.
type registry struct {
	next      http.Handler
	token     string
	referrers bool           // whether it has the API for referrers
	mu        sync.Mutex     // the journal lists manifests in the order in which they were accepted
	journal   io.WriteCloser // nil once closed
	holds     map[string]map[string]entry
}

// entry is a line of the journal: a manifest that was written or, without a body, deleted.
type entry struct {
	Repository string `json:"repository"`
	Reference  string `json:"reference"` // tag or digest
	MediaType  string `json:"mediaType,omitempty"`
	Body       []byte `json:"body,omitempty"`

	subject string // digest of the manifest that it is attached to, or ""
	lists   bool   // whether it is an index of what is attached to another manifest
}

func newRegistry(token string, referrers bool, options ...ggcr.Option) *registry {
	options = append(options, ggcr.WithReferrersSupport(referrers))
	quiet := ggcr.Logger(log.New(io.Discard, "", 0))
	return &registry{
		token: token, referrers: referrers, holds: map[string]map[string]entry{},
		next: ggcr.New(append(options, quiet)...),
	}
}

func openRegistry(dir, token string, referrers bool) (*registry, error) {
	blobs := filepath.Join(dir, "blobs")
	if err := os.MkdirAll(blobs, 0o755); err != nil {
		return nil, err
	}
	halves, _ := filepath.Glob(filepath.Join(blobs, "upload-*")) // leftovers of a killed upload; the pattern is fixed
	for _, half := range halves {
		os.Remove(half)
	}
	r := newRegistry(token, referrers, ggcr.WithBlobHandler(ggcr.NewDiskBlobHandler(blobs)))
	file, err := os.OpenFile(filepath.Join(dir, "manifests.jsonl"), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	if err := r.replay(file); err != nil {
		return nil, errors.Join(
			fmt.Errorf("replay %s (remove its folder to start again): %w", file.Name(), err),
			file.Close(),
		)
	}
	r.journal = file
	return r, nil
}

// replay reads the journal and leaves the file at its end. A last line without a line
// ending was never acknowledged and is removed.
func (r *registry) replay(file *os.File) error {
	reader, whole := bufio.NewReader(file), int64(0)
	for {
		line, err := reader.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		whole += int64(len(line))
		var e entry
		if err := json.Unmarshal(line, &e); err != nil {
			return err
		}
		if answer := r.apply(context.Background(), e); answer.status >= 300 {
			return fmt.Errorf("%s of %s: %s", e.Reference, e.Repository, answer.body.String())
		}
	}
	if err := file.Truncate(whole); err != nil {
		return err
	}
	_, err := file.Seek(whole, io.SeekStart)
	return err
}

// apply repeats the request of an entry.
func (r *registry) apply(ctx context.Context, e entry) *buffer {
	method := http.MethodPut
	if e.Body == nil {
		method = http.MethodDelete
	}
	answer := &buffer{header: http.Header{}, status: http.StatusOK}
	request, err := http.NewRequestWithContext(
		ctx,
		method,
		path.Join("/v2", e.Repository, "manifests", e.Reference),
		bytes.NewReader(e.Body),
	)
	if err != nil {
		answer.status = http.StatusBadRequest
		return answer
	}
	request.Header.Set("Content-Type", e.MediaType)
	r.next.ServeHTTP(answer, request)
	if answer.status < 300 {
		r.hold(e)
	}
	return answer
}

// hold records what the registry has now; a manifest is recorded under its digest too.
func (r *registry) hold(e entry) {
	if e.Body == nil {
		delete(r.holds[e.Repository], e.Reference)
		return
	}
	if r.holds[e.Repository] == nil {
		r.holds[e.Repository] = map[string]entry{}
	}
	var manifest struct{ Subject *v1.Descriptor }
	if json.Unmarshal(e.Body, &manifest) == nil && manifest.Subject != nil {
		e.subject = manifest.Subject.Digest.String()
	}
	e.lists = e.lists || outside.IsReferrersTag(e.Reference)
	r.holds[e.Repository][e.Reference] = e
	r.holds[e.Repository][e.digest()] = e
}

func (e entry) digest() string {
	hash, _, _ := v1.SHA256(bytes.NewReader(e.Body)) // reading from memory does not fail
	return hash.String()
}

func (r *registry) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	writes := request.Method != http.MethodGet && request.Method != http.MethodHead
	if _, password, _ := request.BasicAuth(); password != r.token && (writes || password != "") {
		w.Header().Set("WWW-Authenticate", `Basic realm="rehearsal"`)
		refuse(w, http.StatusUnauthorized, "UNAUTHORIZED", "authentication required")
		return
	}
	elements := strings.Split(strings.Trim(request.URL.Path, "/"), "/")
	if n := len(elements); writes && n >= 4 && elements[n-2] == "manifests" {
		r.change(w, request, strings.Join(elements[1:n-2], "/"), elements[n-1])
		return
	}
	r.next.ServeHTTP(w, request)
}

// change lets the registry add or delete a manifest, and writes that to the journal
// before the response is sent.
func (r *registry) change(w http.ResponseWriter, request *http.Request, repository, reference string) {
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return // cut short: go-containerregistry would accept an incomplete manifest
	}
	e := entry{Repository: repository, Reference: reference, MediaType: request.Header.Get("Content-Type"), Body: body}
	if request.Method == http.MethodDelete {
		e.Body = nil
	} else if strings.Contains(reference, ":") && reference != e.digest() {
		refuse(w, http.StatusBadRequest, "DIGEST_INVALID", "provided digest did not match uploaded content")
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.journal == nil {
		return
	}
	answer := r.apply(context.WithoutCancel(request.Context()), e)
	if answer.status < 300 {
		line, err := json.Marshal(e)
		if err == nil {
			_, err = r.journal.Write(append(line, '\n'))
		}
		if err != nil {
			refuse(w, http.StatusInternalServerError, "UNKNOWN", err.Error())
			return
		}
	}
	answer.copyTo(w)
}

func refuse(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(object{"errors": []object{{"code": code, "message": message}}})
}

func (r *registry) close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.journal == nil {
		return nil
	}
	err := r.journal.Close()
	r.journal = nil
	return err
}

// buffer is a response that is held back.
type buffer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (b *buffer) Header() http.Header            { return b.header }
func (b *buffer) WriteHeader(status int)         { b.status = status }
func (b *buffer) Write(data []byte) (int, error) { return b.body.Write(data) }
func (b *buffer) copyTo(w http.ResponseWriter) {
	maps.Copy(w.Header(), b.header)
	w.WriteHeader(b.status)
	_, _ = w.Write(b.body.Bytes()) // the client may have disconnected
}
