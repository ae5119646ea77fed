package backend

import (
	"fmt"
	"testing"
)

// TestProjectLock prefers uv.lock, and takes poetry.lock where it is alone.
func TestProjectLock(t *testing.T) {
	for want, files := range map[string][]string{
		"api/uv.lock":     {"api/uv.lock", "api/poetry.lock"},
		"api/poetry.lock": {"api/poetry.lock"},
	} {
		if got := ProjectLock("api", func(file string) bool {
			for _, each := range files {
				if file == each {
					return true
				}
			}
			return false
		}); got != want || !IsProjectLock(got) {
			t.Errorf("%s, expected %s", got, want)
		}
	}
	if got := ProjectLock(".", func(string) bool { return false }); got != "uv.lock" {
		t.Error(got)
	}
	if IsProjectLock("api/requirements.lock") {
		t.Error("requirements.lock is not the lock of a project")
	}
}

// TestPoetryPackages lists the packages of each format of poetry.lock.
func TestPoetryPackages(t *testing.T) {
	for name, test := range map[string]struct{ lock, packages, omitted string }{
		"2.1": {"[[package]]\nname = \"Fast_API\"\nversion = \"1.0\"\ngroups = [\"main\", \"dev\"]\n\n" +
			"[[package]]\nname = \"pytest\"\nversion = \"9.0\"\ngroups = [\"dev\"]\n\n" +
			"[[package]]\nname = \"beside\"\nversion = \"0.1\"\ngroups = [\"main\"]\n\n" +
			"[package.source]\ntype = \"directory\"\nurl = \"../beside\"\n",
			"fast-api 1.0", "poetry.lock: 1 packages that development groups alone need"},
		"1.1": {"[[package]]\nname = \"fastapi\"\nversion = \"1.0\"\ncategory = \"main\"\n\n" +
			"[[package]]\nname = \"pytest\"\nversion = \"9.0\"\ncategory = \"dev\"\n",
			"fastapi 1.0", "poetry.lock: 1 packages that development groups alone need"},
		"2.0, which does not say what is for development": {
			"[[package]]\nname = \"fastapi\"\nversion = \"1.0\"\n\n[[package]]\nname = \"pytest\"\nversion = \"9.0\"\n",
			"fastapi 1.0, pytest 9.0", ""},
	} {
		packages, omitted, err := projectPackages("poetry.lock", []byte(test.lock))
		got, left := "", ""
		for _, each := range packages {
			if got != "" {
				got += ", "
			}
			got += each.Name + " " + each.Version
		}
		if len(omitted) > 0 {
			left = fmt.Sprint(omitted[0])
		}
		if err != nil || got != test.packages || left != test.omitted {
			t.Errorf("%s: %s; %s; %v", name, got, left, err)
		}
	}
}

// TestPackageMode installs a project unless it says that it is none.
func TestPackageMode(t *testing.T) {
	for text, want := range map[string]bool{
		"": true, "[tool.poetry]\npackage-mode = true\n": true, "[tool.poetry]\npackage-mode = false\n": false,
	} {
		if got := isPackage([]byte(text)); got != want {
			t.Errorf("%q: %t", text, got)
		}
	}
}
