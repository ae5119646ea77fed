package registry_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/outside/registry"
)

// A tag is deleted without what it names, and then that; what is gone is no error.
func TestDelete(t *testing.T) {
	to := open(t, served(t, true, nil))
	digest := pushed(t, to)
	children, err := to.Deletions().Children(t.Context(), digest)
	if err != nil || len(children) != 1 || children[0] == digest {
		t.Fatalf("%q, %v", children, err)
	}
	if err := to.Tag(t.Context(), "1.8.0", digest); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := to.Deletions().Tag(t.Context(), "1.8.0"); err != nil {
			t.Error(err)
		}
		if named, err := to.Digest(t.Context(), "1.8.0"); err != nil || named != "" {
			t.Errorf("the tag names %q: %v", named, err)
		}
	}
	if has, err := to.Has(t.Context(), digest); err != nil || !has {
		t.Errorf("with its tag, the image is gone: %v", err)
	}
	for range 2 {
		if err := to.Deletions().Manifest(t.Context(), digest); err != nil {
			t.Error(err)
		}
	}
	for _, each := range []string{digest, children[0]} {
		if left, err := to.Deletions().Children(t.Context(), each); err != nil || len(left) > 0 {
			t.Errorf("%s has %q: %v", each, left, err)
		}
	}
	if has, err := to.Has(t.Context(), children[0]); err != nil || !has {
		t.Errorf("with the index, the image of a platform is gone: %v", err)
	}
}

// What a registry does not delete is told apart from what it could not delete just now.
func TestDeleteInARegistryThatKeeps(t *testing.T) {
	for status, keeps := range map[int]bool{
		http.StatusMethodNotAllowed: true, http.StatusBadRequest: true, http.StatusForbidden: true,
		http.StatusInternalServerError: false, http.StatusTooManyRequests: false,
	} {
		to := open(t, served(t, false, func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodDelete {
					w.WriteHeader(status)
					return
				}
				next.ServeHTTP(w, r)
			})
		}))
		digest := pushed(t, to)
		for what, err := range map[string]error{
			":1.8.0":     to.Deletions().Tag(t.Context(), "1.8.0"),
			"@" + digest: to.Deletions().Manifest(t.Context(), digest),
		} {
			if err == nil || errors.Is(err, registry.ErrKeeps) != keeps ||
				!strings.Contains(err.Error(), to.Name()+what) {
				t.Errorf("%d: %v, expected that it keeps: %t", status, err, keeps)
			}
		}
	}
}
