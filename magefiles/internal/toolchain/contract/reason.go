package contract

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
)

// exception is why the app could not be asked for its routes.
type exception struct {
	Text    string // such as SyntaxError: invalid syntax
	Unknown bool   // whether there is no such module, or no such name in it
	Places  []struct {
		File string // relative to the app's folder
		Line int
	} // in the app's own files, where it happened first, then from where that was reached
}

// mostPlaces is how many lines of the app an error names.
const mostPlaces = 6

// reason returns why the app could not be asked, as routes.py wrote it to a file, with
// places in the app only. If routes.py did not come so far, it returns the error of its run.
func reason(failed error, file string, config app.Contract) error {
	var exit *run.Error
	if !errors.As(failed, &exit) || exit.Cause != nil {
		return failed
	}
	var answer struct{ Error *exception }
	data, err := os.ReadFile(file)
	if err != nil || json.Unmarshal(data, &answer) != nil || answer.Error == nil {
		return failed
	}
	text := answer.Error.Text
	if answer.Error.Unknown {
		text += "; correct contract.app in " + app.ConfigFile
	}
	for i, place := range answer.Error.Places[:min(mostPlaces, len(answer.Error.Places))] {
		at := fmt.Sprintf("%s:%d", path.Join(config.Directory, place.File), place.Line)
		if i == 0 {
			text = at + ": " + text
		} else {
			text += "\n  reached from " + at
		}
	}
	return errors.New(text)
}
