package migration_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	process "github.com/hughkantsime/odin-release/magefiles/internal/system/run"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

// python runs a script with the Python in PATH.
func python(ctx context.Context, script string, input []byte) ([]byte, error) {
	result, err := testkit.Runner().Run(ctx, process.Command{For: "test", Quiet: true, Stdin: input,
		Args: []string{"python3", "-I", "-S", "-c", script}})
	return result.Stdout, err
}

// TestScript checks the script's answer for a migration.
func TestScript(t *testing.T) {
	script, err := os.ReadFile("alembic.py")
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile(filepath.Join("testdata", "alembic.py"))
	if err != nil {
		t.Fatal(err)
	}
	input, err := json.Marshal([]string{string(source), "def"})
	if err != nil {
		t.Fatal(err)
	}
	output, err := python(t.Context(), string(script), input)
	if err != nil {
		t.Fatal(err)
	}
	var answers []any
	if err := json.Unmarshal(output, &answers); err != nil || len(answers) != 2 {
		t.Fatalf("%s: %d answers, error %v; expected 2", output, len(answers), err)
	}
	if failed, isError := answers[1].(map[string]any); !isError || failed["error"] != "invalid syntax" ||
		failed["line"] != 1.0 {
		t.Errorf("a syntax error is answered with %v", answers[1])
	}
	var shown bytes.Buffer
	for _, operation := range answers[0].(map[string]any)["operations"].([]any) {
		line, err := json.Marshal(operation)
		if err != nil {
			t.Fatal(err)
		}
		shown.Write(append(line, '\n'))
	}
	testkit.Golden(t, filepath.Join("testdata", "alembic.jsonl"), shown.String())
}
