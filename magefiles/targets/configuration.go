package targets

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
)

// configArgument is the flag that every target has.
var configArgument = argument{"-config=FILE", "use the configuration in FILE instead of release.yaml"}

// configVariable names the file too, for all targets that a workflow runs. The flag comes first.
const configVariable = "ODIN_CONFIG"

// shared is the value of configArgument. Mage knows the flags of single targets only, so it is removed from the
// command line before Mage reads that.
var shared = takeShared(&os.Args)

// sharedFlags are the flags that every target has.
type sharedFlags struct {
	config string // the file, "" when the flag was not given
	err    error  // why the flag cannot be used
}

// takeShared removes the shared flags from a command line, and returns them.
func takeShared(line *[]string) (flags sharedFlags) {
	var rest, given []string
	for i := 0; i < len(*line); i++ {
		name, value, has := strings.Cut((*line)[i], "=")
		if i == 0 || name != "-config" && name != "--config" {
			rest = append(rest, (*line)[i])
			continue
		}
		if !has && i+1 < len(*line) {
			i++
			value = (*line)[i]
		}
		given = append(given, value)
	}
	*line = endFlags(rest)
	switch {
	case len(given) > 1:
		flags.err = errors.New("-config is given twice: give one file")
	case len(given) == 1 && given[0] == "":
		flags.err = errors.New("-config is empty: give a file, as in -config=../release.yaml, or leave -config out")
	case len(given) == 1:
		flags.config = given[0]
	default:
		flags.config = os.Getenv(configVariable)
	}
	return flags
}

// find returns the app that the current folder belongs to, with the configuration that is asked for.
func (f sharedFlags) find() (*app.App, error) {
	if f.err != nil {
		return nil, f.err
	}
	if f.config == "" {
		return app.Find(".")
	}
	content, err := os.ReadFile(f.config)
	if err != nil {
		return nil, fmt.Errorf("-config: %w", err)
	}
	return app.FindWith(".", f.config, content)
}

// findAny is find, but a folder without an app is returned as one that is foreign to the pipeline. So is any folder
// when the bundled sample is asked for.
func (f sharedFlags) findAny(sample bool) (*app.App, error) {
	if sample && f.config != "" {
		return nil, errors.New("-config and -sample exclude each other: the sample has its own configuration")
	}
	found, err := f.find()
	switch {
	case errors.Is(err, app.ErrNoApp):
		return app.Default(".")
	case err == nil && sample:
		return app.Default(found.Root)
	}
	return found, err
}

// sayConfig writes a note if the configuration is not the app's own.
func sayConfig(errs io.Writer, of *app.App) {
	if of.Elsewhere != "" {
		fmt.Fprintf(errs, "Note: the configuration is that of %s, not %s\n", of.Elsewhere, app.ConfigFile)
	}
}
