package openapi

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/routers"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/cache"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/pattern"
)

// uploads is the path prefix of a stand-in for the API of uploads.github.com.
const uploads = "/uploads"

const (
	repository  = "/repos/{owner}/{repo}"
	assetsPath  = repository + "/releases/{release_id}/assets"
	edition     = "2" // version of the trimming below
	contentJSON = "application/json"
)

// paths are the paths of GitHub's API that are in use.
var paths = []string{
	repository,
	repository + "/releases",
	repository + "/releases/generate-notes",
	repository + "/releases/latest",
	repository + "/releases/tags/{tag}",
	repository + "/releases/{release_id}",
	assetsPath,
	repository + "/releases/assets/{asset_id}",
	repository + "/commits/{ref}",
	repository + "/contents/{path}",
	repository + "/git/ref/{ref}",
	repository + "/git/refs",
	repository + "/git/refs/{ref}",
	repository + "/git/trees",
	repository + "/git/trees/{tree_sha}",
	repository + "/git/blobs",
	repository + "/git/blobs/{file_sha}",
	repository + "/git/commits",
	repository + "/git/commits/{commit_sha}",
	repository + "/pulls",
	repository + "/pulls/{pull_number}",
	repository + "/environments/{environment_name}",
	repository + "/dispatches",
	repository + "/actions/runs/{run_id}/approvals",
	repository + "/actions/workflows/{workflow_id}",
	repository + "/actions/workflows/{workflow_id}/dispatches",
}

// description is the part of GitHub's description that is in use.
type description struct {
	doc    *openapi3.T
	routes []route // the more specific ones first
}

type route struct {
	template string
	matches  *regexp.Regexp
	names    []string
}

// load reads the trimmed description from the cache, since parsing the whole one takes
// seconds.
func load(ctx context.Context) (*description, error) {
	home, err := os.UserCacheDir()
	if err != nil {
		return nil, fmt.Errorf("find the cache folder: %w", err)
	}
	store := cache.Dir(filepath.Join(home, "odin-release"))
	dir, err := store.Make(
		ctx,
		"openapi-trimmed",
		cache.Key(append([]string{integrity, edition}, paths...)...),
		func(dir string) error {
			return trim(ctx, store, filepath.Join(dir, "github.json"))
		},
	)
	if err != nil {
		return nil, err
	}
	doc, err := openapi3.NewLoader().LoadFromFile(filepath.Join(dir, "github.json"))
	if err != nil {
		return nil, fmt.Errorf("read the trimmed description of GitHub's API in %s: %w", dir, err)
	}
	return &description{doc, routesOf(doc)}, nil
}

var parameter = pattern.Lazy(`\\\{([a-z_]+)\\\}`)

// routesOf builds a matcher for each path. A ref and a file's path contain slashes.
func routesOf(doc *openapi3.T) []route {
	var routes []route
	for template := range doc.Paths.Map() {
		r := route{template: template}
		pattern := parameter().ReplaceAllStringFunc(regexp.QuoteMeta(template), func(found string) string {
			name := strings.Trim(found, `\{}`)
			r.names = append(r.names, name)
			if name == "ref" || name == "path" || name == "tag" {
				return "(.+)"
			}
			return "([^/]+)"
		})
		r.matches = regexp.MustCompile("^" + pattern + "$")
		routes = append(routes, r)
	}
	slices.SortFunc(routes, func(a, b route) int {
		if len(a.names) != len(b.names) {
			return len(a.names) - len(b.names)
		}
		return strings.Compare(b.template, a.template)
	})
	return routes
}

// find returns the operation of a request, or nil.
func (d *description) find(r *http.Request) (*routers.Route, map[string]string) {
	for _, route := range d.routes {
		found := route.matches.FindStringSubmatch(r.URL.Path)
		if found == nil {
			continue
		}
		item := d.doc.Paths.Value(route.template)
		operation := item.GetOperation(r.Method)
		if operation == nil {
			continue
		}
		values := map[string]string{}
		for i, name := range route.names {
			values[name] = found[i+1]
		}
		return &routers.Route{
			Spec:      d.doc,
			Path:      route.template,
			PathItem:  item,
			Method:    r.Method,
			Operation: operation,
		}, values
	}
	return nil, nil
}

type object = map[string]any

// trim writes the part of the description that is in use, corrected.
func trim(ctx context.Context, store cache.Dir, file string) error {
	whole, err := fetch(ctx, store)
	if err != nil {
		return err
	}
	var doc object
	if err := json.Unmarshal(whole, &doc); err != nil {
		return fmt.Errorf("read GitHub's API description: %w", err)
	}
	kept, all := object{}, below(doc, "paths")
	for _, path := range paths {
		if all[path] == nil {
			return fmt.Errorf(
				"the description of GitHub's API has no %s: it is not the pinned one, or the list of paths is wrong",
				path,
			)
		}
		kept[path] = all[path]
	}
	if err := correct(kept, below(doc, "components")); err != nil {
		return err
	}
	trimmed := object{
		"openapi":    doc["openapi"],
		"info":       doc["info"],
		"paths":      kept,
		"components": used(kept, below(doc, "components")),
	}
	data, err := json.Marshal(trimmed)
	if err != nil {
		return err
	}
	return os.WriteFile(file, data, 0o644)
}

// correct fixes the description where GitHub behaves differently, and forbids unknown
// fields in the bodies of requests, so that a misspelt field is found.
func correct(kept, components object) error {
	// Uploads go to another host, with any media type.
	assets := below(kept, assetsPath)
	upload := below(assets, "post")
	delete(assets, "post")
	delete(upload, "servers")
	upload["requestBody"] = object{"content": object{"*/*": object{"schema": object{}}}, "required": true}
	kept[uploads+assetsPath] = object{"post": upload}
	// An interrupted upload is in the state "starter"
	// (https://docs.github.com/rest/releases/assets#upload-a-release-asset).
	state := below(components, "schemas", "release-asset", "properties", "state")
	if state["enum"] == nil {
		return fmt.Errorf("the description of GitHub's API describes no state of a release's asset")
	}
	state["enum"] = append(state["enum"].([]any), "starter")
	for _, item := range kept {
		for _, operation := range item.(object) {
			if described, ok := operation.(object); ok {
				if schema := below(
					described,
					"requestBody",
					"content",
					contentJSON,
					"schema",
				); schema["properties"] != nil &&
					schema["additionalProperties"] == nil {
					schema["additionalProperties"] = false
				}
			}
		}
	}
	return nil
}

// below returns the object at a path in another one, or an empty one.
func below(in object, path ...string) object {
	for _, name := range path {
		next, ok := in[name].(object)
		if !ok {
			return object{}
		}
		in = next
	}
	return in
}

// used returns the components that the paths, or other components, refer to.
func used(from any, components object) object {
	kept := object{}
	var visit func(any)
	visit = func(value any) {
		switch v := value.(type) {
		case []any:
			for _, element := range v {
				visit(element)
			}
		case object:
			delete(v, "examples") // the largest part
			if ref, ok := v["$ref"].(string); ok {
				kind, name, _ := strings.Cut(strings.TrimPrefix(ref, "#/components/"), "/")
				if below(kept, kind)[name] != nil {
					return
				}
				if kept[kind] == nil {
					kept[kind] = object{}
				}
				kept[kind].(object)[name] = below(components, kind)[name]
				visit(kept[kind].(object)[name])
				return
			}
			for _, element := range v {
				visit(element)
			}
		}
	}
	visit(from)
	return kept
}
