package targets

import (
	"fmt"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/source/version"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/pattern"
)

// stray refuses what Mage would misunderstand: a version or a commit among the
// targets, since it would tell only when the ones before it have run (release
// v1.8.0 would have released what is checked out), and a flag that is given
// twice, since the last one alone would count.
func stray(args []string) error {
	given := map[string]bool{}
	for i, arg := range args {
		flag, _, _ := strings.Cut(arg, "=")
		_, err := version.ParseTag(arg)
		switch {
		case strings.HasPrefix(arg, "-") && given[flag]:
			return fmt.Errorf(
				"%s is given twice: if it takes several values, give them once, separated by commas",
				flag,
			)
		case strings.HasPrefix(arg, "-"):
			given[flag] = true
			continue
		case err == nil && i > 0 && strings.EqualFold(args[i-1], "hotfix"):
			return fmt.Errorf("%s is not a target: give the release that a hotfix starts from as -from=%s", arg, arg)
		case err == nil && (i == 0 || !takesVersion(args[i-1])):
			return fmt.Errorf("%s is not a target: give a version as -tag=%s", arg, arg)
		case hash().MatchString(arg):
			return fmt.Errorf("%s is not a target: give commits as -pick=SHA,SHA", arg)
		}
		given = map[string]bool{} // of the next target
	}
	return nil
}

// hash is the name of a commit, as git log --oneline prints it or whole.
var hash = pattern.Lazy("^[0-9a-f]{7,40}$")
