package doctor

import (
	"path"
	"slices"
	"strings"
)

// sides checks the folders of the backend and the frontend, if release.yaml names them. If one is missing, it
// reports no problems with default paths below it.
func (e *examination) sides() {
	config := e.App.Config
	for _, side := range []struct{ key, folder string }{
		{"backend.directory", config.Backend.Directory}, {"frontend.directory", config.Frontend.Directory},
	} {
		if e.isDefault(side.key) {
			continue
		}
		folder := path.Clean(side.folder)
		reason := e.lacksFolder(folder)
		if reason == "" {
			continue
		}
		e.problems = slices.DeleteFunc(e.problems, func(problem Problem) bool {
			rest, below := strings.CutPrefix(problem.What, folder)
			return problem.Place == "" && below && strings.HasPrefix(rest, "/") || problem.What == reason
		})
		e.add(side.key, "name the folder, or delete the line if it is "+strings.TrimSuffix(side.key, ".directory"),
			"%s", reason)
	}
}
