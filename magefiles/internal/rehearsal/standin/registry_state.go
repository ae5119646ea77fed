package standin

import (
	"bytes"
	"maps"
	"slices"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"

	outside "github.com/hughkantsime/odin-release/magefiles/internal/outside/registry"
)

// state returns the tags of the registry, and the number of manifests without a tag.
func (r *registry) state() []Repository {
	r.mu.Lock()
	defer r.mu.Unlock()
	var all []Repository
	for _, name := range slices.Sorted(maps.Keys(r.holds)) {
		held := r.holds[name]
		repository, reached := Repository{Name: name}, map[string]bool{}
		for _, reference := range slices.Sorted(maps.Keys(held)) {
			if strings.Contains(reference, ":") || outside.IsReferrersTag(reference) {
				continue
			}
			digest := held[reference].digest()
			repository.Tags = append(repository.Tags, Tag{Name: reference, Digest: digest})
			reach(held, digest, reached)
		}
		for reference, e := range held {
			if strings.Contains(reference, ":") && !reached[reference] && e.subject == "" && !e.lists {
				repository.Untagged++
			}
		}
		repository.Attached = r.attached(held)
		if len(held) > 0 {
			all = append(all, repository)
		}
	}
	return all
}

// attached counts what is attached to each manifest, according to the registry.
func (r *registry) attached(held map[string]entry) map[string]int {
	var counts map[string]int
	add := func(subject string) {
		if counts == nil {
			counts = map[string]int{}
		}
		counts[subject]++
	}
	for reference, e := range held {
		switch {
		case r.referrers && e.subject != "" && strings.Contains(reference, ":"):
			add(e.subject)
		case !r.referrers && outside.IsReferrersTag(reference):
			index, err := v1.ParseIndexManifest(bytes.NewReader(e.Body))
			if err != nil {
				continue // the registry parsed it when it accepted it
			}
			for range index.Manifests {
				add(strings.Replace(reference, "-", ":", 1))
			}
		}
	}
	return counts
}

// reach marks a manifest and those that an index lists.
func reach(held map[string]entry, digest string, reached map[string]bool) {
	e, ok := held[digest]
	if !ok || reached[digest] {
		return
	}
	reached[digest] = true
	if !types.MediaType(e.MediaType).IsIndex() {
		return
	}
	index, err := v1.ParseIndexManifest(bytes.NewReader(e.Body))
	if err != nil {
		return // the registry parsed it when it accepted it
	}
	for _, child := range index.Manifests {
		reach(held, child.Digest.String(), reached)
	}
}
