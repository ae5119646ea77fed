package contract

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/oasdiff/oasdiff/checker"
	"github.com/oasdiff/oasdiff/diff"
	"github.com/oasdiff/oasdiff/load"
)

// Change is a difference between an API and its earlier version.
type Change struct {
	Breaking bool   // whether a client may have to change; otherwise it is an addition
	Endpoint string // METHOD path, or "" for the whole API
	Rule     string // oasdiff's name for it, such as response-property-removed
	What     string // in words, as the end of a sentence about the API: lost `DELETE /x`
}

// ErrEarlier means that the earlier document cannot be read.
var ErrEarlier = errors.New("read the earlier spec")

// EndpointAdded is the rule for a new endpoint.
const EndpointAdded = checker.EndpointAddedId

// Changes compares the OpenAPI document of a release with a later one (JSON or YAML).
// It lists what breaks clients, then what is new, each with whole endpoints first.
// oasdiff decides what is a change
// (https://github.com/oasdiff/oasdiff/blob/main/docs/BREAKING-CHANGES.md); its
// warnings, which may break clients, count as breaking.
func Changes(before, after []byte) ([]Change, error) {
	was, err := loadSpec(before)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrEarlier, err)
	}
	is, err := loadSpec(after)
	if err != nil {
		return nil, fmt.Errorf("read the later spec: %w", err)
	}
	found, sources, err := diff.GetWithOperationsSourcesMap(
		diff.NewConfig(),
		&load.SpecInfo{Spec: was},
		&load.SpecInfo{Spec: is},
	)
	if err != nil {
		return nil, fmt.Errorf("compare the specs: %w", err)
	}
	var breaking, additive []Change
	config := checker.NewConfig(checker.GetAllChecks())
	for _, each := range checker.CheckBackwardCompatibilityUntilLevel(config, found, sources, checker.INFO) {
		switch change := describe(each); {
		case change.Breaking:
			breaking = append(breaking, change)
		case each.GetSection() == "paths" && !cosmetic(change.Rule):
			additive = append(additive, change)
		}
	}
	for _, list := range [][]Change{breaking, additive} {
		slices.SortStableFunc(list, func(a, b Change) int { return a.extent() - b.extent() })
	}
	return append(breaking, additive...), nil
}

// extent sorts whole endpoints before changes within one.
func (c Change) extent() int {
	if strings.HasPrefix(c.What, "changed") {
		return 1
	}
	return 0
}

// cosmetic reports whether a rule is about something that clients do not see.
func cosmetic(rule string) bool {
	return strings.HasPrefix(rule, "api-tag-") || strings.HasPrefix(rule, "api-operation-id-")
}

func describe(each checker.Change) Change {
	change := Change{Breaking: each.IsBreaking(), Rule: each.GetId()}
	if each.GetPath() != "" {
		change.Endpoint = strings.TrimSpace(each.GetOperation() + " " + each.GetPath())
	}
	text := strings.Join(strings.Fields(each.GetUncolorizedText(checker.NewDefaultLocalizer())), " ")
	switch {
	case change.Rule == EndpointAdded:
		change.What = fmt.Sprintf("gained `%s`", change.Endpoint)
	case strings.HasPrefix(change.Rule, "api-removed-"), strings.HasPrefix(change.Rule, "api-path-removed-"):
		change.Breaking = true // even if it was announced: clients that still use it must change
		change.What = fmt.Sprintf("lost `%s`", change.Endpoint)
	case change.Endpoint != "":
		change.What = fmt.Sprintf("changed `%s`: %s", change.Endpoint, text)
	default:
		change.What = "changed: " + text
	}
	return change
}
