package verify

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
)

// probing stores the probe record, and looks for it.
type probing struct{ *service }

func (s *service) probe() probing { return probing{s} }

// store stores the probe record through the app's API and reads it back.
func (s probing) store(ctx context.Context) error {
	probe := s.Config.Probe
	if probe.Absent != "" {
		return nil
	}
	answer, err := s.post(ctx)
	if err != nil {
		return err
	}
	if answer.status != http.StatusOK && answer.status != http.StatusCreated {
		return fmt.Errorf("store verify.probe: POST %w", answer.unexpected(probe.Path, "201"))
	}
	return s.look(ctx)
}

// post posts the probe record.
func (s probing) post(ctx context.Context) (answer, error) {
	path, _ := s.values.in(s.Config.Probe.Path, plainly)
	body, _ := s.values.in(s.Config.Probe.Body, inJSON)
	return s.ask(ctx, http.MethodPost, path, []byte(body))
}

// look looks for the probe record in the list that the app's API returns.
func (s probing) look(ctx context.Context) error {
	probe := s.Config.Probe
	if probe.Absent != "" {
		return nil
	}
	path, _ := s.values.in(probe.Path, plainly)
	answer, err := s.ask(ctx, http.MethodGet, path, nil)
	if err != nil {
		return err
	}
	var listed, wanted any
	body, _ := s.values.in(probe.Body, inJSON)
	if err := json.Unmarshal([]byte(body), &wanted); err != nil {
		return fmt.Errorf("read verify.probe.body: %w", err)
	}
	if answer.status != http.StatusOK || json.Unmarshal(answer.body, &listed) != nil {
		return fmt.Errorf("look for verify.probe: GET %w", answer.unexpected(probe.Path, "200 and JSON"))
	}
	if !holds(listed, wanted) {
		return fmt.Errorf(
			"look for verify.probe: GET %w",
			answer.unexpected(probe.Path, "a record that has "+probe.Body),
		)
	}
	return nil
}

// holds reports whether a JSON value equals the wanted one or contains it: the list may be a plain array, or inside
// an object with pages.
func holds(value, wanted any) bool {
	if has(value, wanted) {
		return true
	}
	switch value := value.(type) {
	case []any:
		for _, element := range value {
			if holds(element, wanted) {
				return true
			}
		}
	case map[string]any:
		for _, element := range value {
			if holds(element, wanted) {
				return true
			}
		}
	}
	return false
}

// has reports whether a JSON value equals the wanted one, where an object may have additional fields.
func has(value, wanted any) bool {
	fields, ok := wanted.(map[string]any)
	if !ok {
		return reflect.DeepEqual(value, wanted)
	}
	object, ok := value.(map[string]any)
	if !ok {
		return false
	}
	for key, field := range fields {
		if found, there := object[key]; !there || !has(found, field) {
			return false
		}
	}
	return true
}
