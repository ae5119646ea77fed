package standin

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// State is the final state of the stand-ins. It is the same for two runs with the same
// result: it has no addresses, no times, and no ids that depend on retries.
type State struct {
	Registry []Repository // by name
	GitHub   Forge
	Messages []string // Discord's, in order: the payloads as indented JSON
	Posts    []Post   // in other channels, in order
}

// Repository is an image repository.
type Repository struct {
	Name     string
	Tags     []Tag // by name
	Untagged int   // number of manifests without a tag
	// Attached is the number of manifests, such as signatures, that are attached to a manifest,
	// by its digest; nil if there are none.
	Attached map[string]int
}

// Tag is a name for a digest, "sha256:…".
type Tag struct{ Name, Digest string }

// Forge is the final state of GitHub.
type Forge struct {
	Releases   []Release  // in the order they were created
	Branches   []Branch   // by name
	Tags       []GitTag   // by name
	Pulls      []Pull     // in the order they were opened
	Dispatches []Dispatch // repository_dispatch events; equal ones once
	Workflows  []Dispatch // workflow_dispatch events; equal ones once
	Records    []Record   // by name
	LateWrites []string   // tags of releases that were out when one of their assets was changed; one entry each time
}

// Release is a GitHub Release.
type Release struct {
	Tag, Name, Body           string
	Draft, Prerelease, Latest bool    // Latest: it has the badge
	Assets                    []Asset // by name
}

// Asset is a file of a release.
type Asset struct {
	Name   string
	Size   int64  // bytes
	SHA256 string // hex; "" when the upload was interrupted
	State  string // "uploaded" or "starter"
}

// Branch is a branch and its content, since the hash of its commit depends on times.
type Branch struct {
	Name    string
	Tree    string // hash
	Subject string // of the newest commit
}

// Record is a ref below refs/odin-release/ and the files of its newest commit.
type Record struct {
	Name  string // such as v1.8.0
	Files map[string]string
}

// GitTag is a git tag and the tree of its commit.
type GitTag struct{ Name, Tree string }

// Pull is a pull request.
type Pull struct {
	Number                         int
	Head, Base, Title, Body, State string
}

// Dispatch is an event that was sent to a repository.
type Dispatch struct {
	Repository string `json:"repository"` // owner/name
	Name       string `json:"name"`       // the event's type, or the workflow's file
	Ref        string `json:"ref"`        // of a workflow
	Payload    string `json:"payload"`    // JSON; "" for none
}

// State returns the state of all stand-ins.
func (w *World) State(ctx context.Context) (State, error) {
	forge, err := w.gitHub.state(ctx)
	if err != nil {
		return State{}, fmt.Errorf("read the state of the stand-ins: %w", err)
	}
	return State{Registry: w.registry.state(), GitHub: forge, Messages: w.discord.messages(), Posts: w.chats.all()}, nil
}

func (g *gitHub) state(ctx context.Context) (Forge, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	forge := Forge{Dispatches: once(g.ledger.Events), Workflows: once(g.ledger.Workflows)}
	latest := g.ledger.latest()
	for _, r := range g.ledger.Releases {
		forge.Releases = append(
			forge.Releases,
			Release{Tag: r.Tag, Name: r.Name, Body: r.Body, Draft: r.Draft, Prerelease: r.Prerelease,
				Latest: r == latest, Assets: assetsOf(r)},
		)
	}
	for _, p := range g.ledger.Pulls {
		forge.Pulls = append(
			forge.Pulls,
			Pull{Number: p.Number, Head: p.Head, Base: p.Base, Title: p.Title, Body: p.Body, State: p.State},
		)
	}
	branches, err := g.git.Refs(ctx, "refs/heads/")
	if err != nil {
		return Forge{}, err
	}
	for _, ref := range branches {
		d, err := g.git.Commit(ctx, ref[1])
		if err != nil {
			return Forge{}, err
		}
		subject, _, _ := strings.Cut(d.Message, "\n")
		forge.Branches = append(forge.Branches, Branch{Name: ref[0], Tree: d.Tree, Subject: subject})
	}
	tags, err := g.git.Refs(ctx, "refs/tags/")
	if err != nil {
		return Forge{}, err
	}
	for _, ref := range tags {
		forge.Tags = append(forge.Tags, GitTag{Name: ref[0], Tree: g.git.Object(ctx, ref[1], "tree")})
	}
	forge.LateWrites = slices.Clone(g.ledger.Late)
	forge.Records, err = g.git.records(ctx)
	return forge, err
}

func assetsOf(r *release) []Asset {
	var all []Asset
	for _, a := range r.Assets {
		all = append(all, Asset{Name: a.Name, Size: a.Size, SHA256: a.SHA256, State: a.State})
	}
	slices.SortFunc(all, func(a, b Asset) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// once removes duplicates from a list. A dispatch whose response was lost may be sent
// again, since rebuilding the docs twice is harmless.
func once(all []Dispatch) []Dispatch {
	var kept []Dispatch
	for _, d := range all {
		if !slices.Contains(kept, d) {
			kept = append(kept, d)
		}
	}
	return kept
}
