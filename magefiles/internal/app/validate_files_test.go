package app

import (
	"slices"
	"strings"
	"testing"
)

// TestFilesErrors declares files that no release can have.
func TestFilesErrors(t *testing.T) {
	const entry = "{name: programs, command: [make], outputs: [a.tar.gz]"
	const command = "command: [b], outputs: "
	for name, test := range map[string]struct{ files, want string }{
		"nothing":           {"[{}]", ":1:17: files need a name, the command that makes them, and outputs"},
		"no outputs":        {"[{name: a, command: [b]}]", ":1:17: files need a name"},
		"name of a check":   {"[{name: 'backend:lint', " + command + "[c]}]", "called backend:lint already"},
		"log of a check":    {"[{name: backend-lint, " + command + "[c]}]", "called backend:lint already"},
		"name of the image": {"[{name: 'image:build', " + command + "[c]}]", "called image:build already"},
		"same name":         {"[" + entry + "}, {name: programs, " + command + "[c]}]", `:1:80: there is a step`},
		"a path for a name": {"[{name: a/b, " + command + "[c]}]", `:1:24: the name "a/b" must be letters`},
		"environment":       {"[" + entry + ", environment: x}]", `programs: unknown environment "x"`},
		"a path": {"[{name: a, " + command + "[c/d]}]",
			`:1:51: a: the output "c/d" is not a file name of letters, digits and any of . _ + -`},
		"a hidden file":     {"[{name: a, " + command + "[.gitignore]}]", `".gitignore" is not a file name`},
		"checksums":         {"[{name: a, " + command + "[Checksums.txt]}]", "a file that the pipeline makes itself"},
		"the same output":   {"[" + entry + "}, {name: b, " + command + "[A.tar.gz]}]", "two outputs are called A"},
		"outside":           {"[" + entry + ", directory: ../x}]", `"../x" is not a path inside the app`},
		"a text for a list": {"none", `build.files must be a list of {name: …, command: …, outputs: …}`},
	} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			write(t, root, ConfigFile, "build: {files: "+test.files+"}\n")
			if _, err := Find(root); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v\nexpected %s", err, test.want)
			}
		})
	}
}

// TestConfigWithoutPython is an app of which commands make everything.
func TestConfigWithoutPython(t *testing.T) {
	root := t.TempDir()
	const config = `checks:
  - {name: "backend:lint", absent: Go}
  - {name: "backend:typeCheck", absent: Go}
  - {name: "frontend:lint", absent: Go}
  - {name: "frontend:typeCheck", absent: Go}
  - {name: vet, kind: command, command: [go, vet, ./...], tools: [go, git]}
suites:
  - {name: "backend:unit", absent: Go}
  - {name: "backend:integration", absent: Go}
  - {name: "frontend:test", absent: Go, tools: [npm]}
contract: {absent: Go}
build:
  frontend: {absent: Go}
  vendor: {absent: Go}
  files:
    - {name: program, command: [go, build], outputs: [program], tools: [go]}
`
	write(t, root, ConfigFile, config)
	found, err := Find(root)
	if err != nil {
		t.Fatal(err)
	}
	if found.Config.NeedsPython() || !slices.Equal(found.Config.Tools(), []string{"git", "go"}) {
		t.Errorf("needs Python: %t, tools %v", found.Config.NeedsPython(), found.Config.Tools())
	}
	write(t, root, ConfigFile, strings.Replace(config, "tools: [go]}\n", "environment: backend}\n", 1))
	if found, err = Find(root); err != nil || !found.Config.NeedsPython() {
		t.Errorf("a command in a Python environment needs no Python: %v", err)
	}
}
