package step

import (
	"fmt"
	"slices"
)

// Walk visits a step and all that it needs, each once and after what it needs.
func Walk(s *Step, visit func(*Step)) {
	seen := map[*Step]bool{}
	var walk func(*Step)
	walk = func(s *Step) {
		if seen[s] {
			return
		}
		seen[s] = true
		for _, need := range s.Needs {
			walk(need)
		}
		visit(s)
	}
	walk(s)
}

// Acyclic returns an error if a step needs itself, directly or through others: Mage would wait forever. Mage
// considers two steps with the same name and ID to be the same.
func Acyclic(s *Step) error {
	var path []*Step
	done := map[*Step]bool{}
	var visit func(*Step) error
	visit = func(s *Step) error {
		if slices.ContainsFunc(path, s.same) {
			return fmt.Errorf("the step %s needs itself, by way of %s", s.Title, path[len(path)-1].Title)
		}
		if done[s] {
			return nil
		}
		path = append(path, s)
		defer func() { path = path[:len(path)-1] }()
		for _, need := range s.Needs {
			if err := visit(need); err != nil {
				return err
			}
		}
		done[s] = true
		return nil
	}
	return visit(s)
}

// same reports whether Mage considers both to be the same step.
func (s *Step) same(other *Step) bool { return s.Name() == other.Name() && s.ID() == other.ID() }
