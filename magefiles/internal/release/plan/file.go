package plan

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/hughkantsime/odin-release/magefiles/internal/source/version"
)

// WriteJSON writes the plan as JSON.
func (p Plan) WriteJSON(out io.Writer) error {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(p)
}

// Read reads dist/plan.json, as written by WriteJSON.
func Read(file string) (Plan, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return Plan{}, fmt.Errorf("read the plan: %w; run plan first", err)
	}
	var p Plan
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&p); err != nil {
		return Plan{}, fmt.Errorf("read the plan %s: %w; run plan again", file, err)
	}
	if _, err := version.ParseTag(p.Tag); err != nil || p.Tag != "v"+p.Version || p.Commit == "" {
		return Plan{}, fmt.Errorf("%s is not the plan of a release; run plan again", file)
	}
	return p, nil
}
