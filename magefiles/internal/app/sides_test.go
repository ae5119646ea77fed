package app

import (
	"strings"
	"testing"
)

// TestSides moves all defaults with the folders of the backend and the frontend, and nothing that an app names itself.
func TestSides(t *testing.T) {
	usual, err := defaultConfig(Config{})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ backend, frontend, below, beside string }{
		{"api", "web", "api/", "web/"},
		{"services/api/", "services/web", "services/api/", "services/web/"},
		{".", "web", "", "web/"},
		{"my 'api'", "#web", "my 'api'/", "#web/"},
	} {
		root := t.TempDir()
		write(t, root, ConfigFile, `backend: {directory: "`+test.backend+`"}`+"\n"+
			`frontend: {directory: "`+test.frontend+`"}`+"\nchangelog: {file: backend/CHANGES.md}\n")
		moved, err := Find(root)
		if err != nil {
			t.Fatal(err)
		}
		// Each default that names a folder, and no other.
		renamed := strings.NewReplacer("backend/", test.below, "frontend/", test.beside)
		count := 0
		for _, each := range Differences(usual, moved.Config) {
			if !strings.HasSuffix(each.Key, ".directory") && each.Key != "changelog.file" {
				if after := renamed.Replace(each.Before); after != each.After {
					t.Errorf("%+v: %s is %s, expected %s", test, each.Key, each.After, after)
				}
			}
			count++
		}
		if count < 20 {
			t.Errorf("%+v: only %d settings were moved", test, count)
		}
		for _, each := range Differences(Config{}, moved.Config) {
			usual := strings.Contains(each.After, "backend/") || strings.Contains(each.After, "frontend/")
			if usual && each.Key != "changelog.file" {
				t.Errorf("%+v: %s is still %s", test, each.Key, each.After)
			}
		}
		if file := moved.Config.Changelog.File; file != "backend/CHANGES.md" {
			t.Errorf("%+v: what the app names itself was moved to %s", test, file)
		}
	}
}
