package standin

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// save writes value to a file, atomically; for "" it is only kept in memory.
func save(file string, value any) error {
	if file == "" {
		return nil
	}
	data, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return fmt.Errorf("save %s: %w", file, err)
	}
	temporary := file + ".new"
	if err := os.WriteFile(temporary, data, 0o644); err != nil {
		return fmt.Errorf("save %s: %w", file, err)
	}
	return os.Rename(temporary, file)
}

// restore reads what save wrote; without a file, value stays unchanged.
func restore(file string, value any) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the state of an earlier rehearsal: %w", err)
	}
	if err := json.Unmarshal(data, value); err != nil {
		return fmt.Errorf(
			"read the state of an earlier rehearsal, %s (remove its folder to start again): %w",
			file,
			err,
		)
	}
	return nil
}
