package targets

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/source/version"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/pattern"
)

// stray refuses what Mage would misunderstand: a version or a commit among the targets, since
// Mage would report it only after running the ones before it (release v1.8.0 would have released
// what is checked out), a target after graph, which it would run, a request for help, and a flag
// that is given twice, since only the last one would count.
func stray(args []string) error {
	given := map[string]bool{}
	target, before := "", "" // the last two arguments that are no flags
	for i, arg := range args {
		flag, _, _ := strings.Cut(arg, "=")
		switch {
		case target != "" && slices.Contains([]string{"-h", "-help", "--help"}, arg):
			return fmt.Errorf("to see what %s does and its flags, run help %s", target, target)
		case strings.HasPrefix(arg, "-") && i > 0 && takesVersion(args[i-1]):
			return fmt.Errorf("%s takes its version first: %s v1.8.0 %s", target, target, arg)
		case strings.HasPrefix(arg, "-") && given[flag]:
			return fmt.Errorf(
				"%s is given twice: if it takes several values, give them once, separated by commas",
				flag,
			)
		case strings.HasPrefix(arg, "-"):
			given[flag] = true
			continue
		}
		if err := misplaced(arg, target, before); err != nil {
			return err
		}
		target, before = arg, target
		given = map[string]bool{} // of the next target
	}
	return nil
}

// misplaced returns why an argument cannot follow two others, of which target is the last one.
func misplaced(arg, target, before string) error {
	_, err := version.ParseTag(arg)
	switch {
	case err == nil && strings.EqualFold(target, "hotfix"):
		return fmt.Errorf("%s is not a target: give the release that a hotfix starts from as -from=%s", arg, arg)
	case err == nil && !takesVersion(target):
		if takesVersion(before) {
			return fmt.Errorf("%s is not a target: %s takes one version", arg, before)
		}
		return fmt.Errorf("%s is not a target: give a version as -tag=%s", arg, arg)
	case hash().MatchString(arg):
		return fmt.Errorf("%s is not a target: give commits as -pick=SHA,SHA", arg)
	case strings.EqualFold(target, "graph") && !strings.EqualFold(before, "help"):
		return fmt.Errorf("graph draws %s if it is given as -target=%s; as it is, %s would run", arg, arg, arg)
	}
	return nil
}

// hash is the name of a commit, as git log --oneline prints it or whole.
var hash = pattern.Lazy("^[0-9a-f]{7,40}$")
