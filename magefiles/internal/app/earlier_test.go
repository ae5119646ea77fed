package app

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestEarlier describes a tree without a release.yaml by today's, without the version
// files that it lacks, and any other tree by its own.
func TestEarlier(t *testing.T) {
	now := t.TempDir()
	write(
		t,
		now,
		ConfigFile,
		"build: {image: {name: ghcr.io/ada/shop}}\nversionFiles: [{path: VERSION}, {path: package.json}, {path: "+
			"a.sh, pattern: 'v=(.*)'}]\n",
	)
	today, err := Find(now)
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		config, why, image string
		versionFiles       []string
	}{
		"none": {"", "has no release.yaml", "ghcr.io/ada/shop", []string{"VERSION"}},
		"unreadable": {
			"build: {imge: {}}\n",
			`has a release.yaml that cannot be read any more (release.yaml:1:9: unknown key "imge"`,
			"ghcr.io/ada/shop",
			[]string{"VERSION"},
		},
		"its own": {
			"build: {image: {name: ghcr.io/ada/store}}\nversionFiles: [{path: gone.json, pattern: '(x)'}]\n",
			"",
			"ghcr.io/ada/store",
			[]string{"gone.json"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			write(t, root, "VERSION", "1.0.0\n")
			write(t, root, "a.sh", "version unknown\n")
			if test.config != "" {
				write(t, root, ConfigFile, test.config)
			}
			earlier, why := today.Earlier(root)
			if !strings.HasPrefix(why, test.why) || (why == "") != (test.why == "") || earlier.Root != root ||
				earlier.Config.Build.Image.Name != test.image {
				t.Errorf("%q, %s", why, earlier.Config.Build.Image.Name)
			}
			if elsewhere := earlier.Elsewhere; (elsewhere == today.Path(ConfigFile)) != (why != "") {
				t.Errorf("the configuration comes from %q", elsewhere)
			}
			var versionFiles []string
			for _, versionFile := range earlier.Config.VersionFiles {
				versionFiles = append(versionFiles, versionFile.Path)
			}
			if diff := cmp.Diff(test.versionFiles, versionFiles); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if len(today.Config.VersionFiles) != 3 {
				t.Error("today's configuration was changed")
			}
		})
	}
}
