package app

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/invopop/jsonschema"

	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

func write(t *testing.T, root, file, content string) {
	t.Helper()
	path := filepath.Join(root, file)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestConfigErrorsNameTheirPlace(t *testing.T) {
	for name, test := range map[string]struct{ yaml, want string }{
		"unknown key at the top": {
			"suits: []\n",
			`release.yaml:1:1: unknown key "suits"; did you mean "suites"?`,
		},
		"a key of another program": {
			"publish: {sign: [a]}\n",
			`release.yaml:1:11: unknown key "sign"; known here: approval, attach, otherTags, tags, title`,
		},
		"unknown key in a list": {
			"suites:\n  - name: a\n    timout: 5m\n",
			`release.yaml:3:5: unknown key "timout"; did you mean "timeout"?`,
		},
		"unknown key in flow form": {
			"build: {image: {platform: [linux/amd64]}}\n",
			`release.yaml:1:17: unknown key "platform"; did you mean "platforms"?`,
		},
		"an earlier name": {
			"docs: {paths: [a]}\n\ncarriers: [{path: VERSION}]\n",
			"release.yaml:3:1: carriers is now called versionFiles: rename the key",
		},
		"an earlier name within": {
			"verify:\n  record: {absent: x}\n",
			"release.yaml:2:3: record is now called probe: rename the key",
		},
		"nothing near": {
			"contract:\n  zzzzzzzz: 1\n",
			`release.yaml:2:3: unknown key "zzzzzzzz"; known here: absent, app, directory,`,
		},
		"wrong type": {"checks: yes\n", "release.yaml:1:9: "},
		"bad duration": {
			"suites:\n  - name: backend:unit\n    timeout: soon\n",
			`release.yaml:3:14: "soon" is not a length of time`,
		},
		"duration without unit": {
			"suites:\n  - name: backend:unit\n    timeout: 5\n",
			`release.yaml:3:14: "5" is not a length of time`,
		},
		"a number for text": {
			"environments:\n  x: {python: 3.10}\n",
			`release.yaml:2:15: 3.10 is not text in YAML; write it in quotes: "3.10"`,
		},
		"no name": {
			"suites:\n  - kind: pytest\n",
			"release.yaml:2:5: a check or suite needs a name",
		},
		"contract without module": {
			"contract: {app: nonsense}\n",
			`release.yaml:1:17: "nonsense" is not of the form module:name`,
		},
		"contract's environment": {
			"contract:\n  environment: nope\n",
			`release.yaml:2:16: unknown environment "nope", known are backend`,
		},
		"broken YAML": {"suites: [\n", "release.yaml:"},
		"unknown kind": {
			"checks:\n  - name: a\n    kind: rufff\n",
			`release.yaml:3:11: a: unknown kind "rufff", expected one of ruff, mypy`,
		},
		"command without command": {
			"checks:\n  - name: a\n    kind: command\n",
			"release.yaml:2:5: a: kind command needs a command",
		},
		"unknown environment": {
			"suites:\n  - name: a\n    kind: pytest\n    environment: tests\n",
			`release.yaml:4:18: a: unknown environment "tests", known are backend`,
		},
		"unknown service": {
			"suites:\n  - name: backend:unit\n    needs: [redis]\n",
			`unknown service "redis", known are postgresql`,
		},
		"same name twice": {
			"checks:\n  - {name: a, kind: command, command: [x]}\n  - {name: a, kind: command, command: [y]}\n",
			`release.yaml:3:12: two checks are called "a"`,
		},
		"same file twice": {
			"checks:\n  - {name: backend-lint, kind: command, command: [x]}\n",
			`release.yaml:2:12: backend:lint and backend-lint would write their results to the same file`,
		},
		"a package without a version": {
			"environments: {backend: {packages: [pytest]}}\n",
			`release.yaml:1:37: "pytest" is not a package at one version, such as pytest==8.3.5`,
		},
		"a version of a source distribution": {
			"build: {vendor: {sdists: [http-ece==1.2.1]}}\n",
			`release.yaml:1:27: "http-ece==1.2.1" is not the name of a package, such as http-ece`,
		},
		"an option as a package": {
			"environments: {backend: {packages: [--index-url=x==1]}}\n",
			`release.yaml:1:37: "--index-url=x==1" is not a package at one version`,
		},
		"packages of a project": {
			"environments: {backend: {project: backend, packages: [pytest==8.3.5]}}\n",
			`uv add --dev --project backend pytest==8.3.5`,
		},
		"a baseline that nothing reads": {
			"checks:\n  - {name: backend:lint, advisory: true, baseline: known.txt}\n",
			`release.yaml:2:52: backend:lint: no finding fails an advisory check, so it needs no baseline`,
		},
		"a baseline of a command": {
			"checks:\n  - {name: a, kind: command, command: [x], baseline: known.txt}\n",
			`release.yaml:2:54: a: a command has no findings to compare`,
		},
		"a baseline of two checks": {
			"checks:\n  - {name: backend:lint, baseline: a.txt}\n  - {name: backend:typeCheck, baseline: a.txt}\n",
			`release.yaml:3:41: backend:typeCheck: a.txt is the baseline of backend:lint; name another file`,
		},
		"a baseline outside": {
			"checks:\n  - {name: backend:lint, baseline: ../a.txt}\n",
			`release.yaml:2:36: "../a.txt" is not a path inside the app`,
		},
		"an advisory suite": {
			"suites:\n  - {name: backend:unit, advisory: true}\n",
			`release.yaml:2:36: backend:unit: advisory is for checks; the tests of a suite have to pass`,
		},
		"a suite with a baseline": {
			"suites:\n  - {name: backend:unit, baseline: a.txt}\n",
			`release.yaml:2:36: backend:unit: baseline is for checks`,
		},
		"no platform": {
			"build:\n  image:\n    platforms: []\n",
			"release.yaml:3:16: there is no platform: name one, or say in build.image.absent why there is no image",
		},
		"bad platform": {
			"build:\n  image:\n    platforms: [windows]\n",
			`release.yaml:3:16: platform "windows" is not of the form linux/arch`,
		},
		"a platform that does not exist": {
			"build:\n  image:\n    platforms: [linux/arm64, linux/amd63]\n",
			`release.yaml:3:16: platform "linux/amd63" is not one that container images are made for; ` +
				`did you mean "linux/amd64"?`,
		},
		"a platform by another name": {
			"build:\n  image:\n    platforms: [linux/x86_64]\n",
			`release.yaml:3:16: platform "linux/x86_64" is not one that container images are made for; ` +
				`did you mean "linux/amd64"?`,
		},
		"a variant that does not exist": {
			"build:\n  image:\n    platforms: [linux/arm/v9]\n",
			`release.yaml:3:16: platform "linux/arm/v9" is not one that container images are made for; ` +
				`did you mean "linux/arm/v5"?`,
		},
		"a command as a text": {
			"suites:\n  - {name: a, kind: command, command: make test}\n",
			`release.yaml:2:39: suites[0].command must be a list: [make, test]`,
		},
		"a command for a shell as a text": {
			"checks:\n  - {name: a, kind: command, command: make test && echo yes}\n",
			`release.yaml:2:39: checks[0].command must be a list: [sh, -c, make test && echo yes]`,
		},
		"an absent check that does not exist": {
			"checks: [{name: \"frontend:lnt\", absent: x}]\n",
			`release.yaml:1:17: no default check is called "frontend:lnt", so nothing is absent; ` +
				`did you mean "frontend:lint"?`,
		},
		"an absent suite that does not exist": {
			"suites:\n  - {name: zzzzzzzzzzzz, absent: x}\n",
			`release.yaml:2:12: no default suite is called "zzzzzzzzzzzz", so nothing is absent; known here: ` +
				`backend:contract, backend:integration, backend:unit, frontend:test`,
		},
		"a Python that is too old": {
			"environments: {backend: {python: \"2.7\"}}\n",
			`release.yaml:1:34: Python "2.7" is not supported: expected 3.10 to 3.14, in quotes`,
		},
		"a Python that is too new": {
			"environments: {backend: {python: '3.15'}}\n",
			`release.yaml:1:34: Python "3.15" is not supported: expected 3.10 to 3.14`,
		},
		"a Python without a minor version": {
			"environments: {backend: {python: '3'}}\n", `release.yaml:1:34: Python "3" is not supported`,
		},
		"path outside": {
			"contract:\n  spec: ../openapi.json\n",
			`release.yaml:2:9: "../openapi.json" is not a path inside the app`,
		},
		"version file without pattern": {
			"versionFiles:\n  - path: docker-compose.yml\n",
			"release.yaml:2:11: docker-compose.yml needs a pattern",
		},
		"version file without group": {
			"versionFiles:\n  - {path: a, pattern: x}\n",
			"the pattern needs exactly one group",
		},
		"unknown policy of checks": {
			"versioning: {checks: strict}\n",
			`release.yaml:1:22: unknown policy "strict", expected one of warn, enforce`,
		},
		"unknown policy": {
			"versioning: {policy: strict}\n",
			`release.yaml:1:22: unknown policy "strict", expected one of warn, enforce`,
		},
		"migrations for nothing": {
			"migrations:\n  - paths: []\n    command: x\n",
			"release.yaml:2:5: migrations need paths",
		},
		"unknown placeholder": {
			"migrations:\n  - {paths: [a], command: 'up {rev}'}\n",
			"unknown placeholder {rev}, known are {revision}",
		},
		"bad path pattern": {"docs: {paths: ['[']}\n", `"[" is not a pattern of paths inside the app`},
		"path pattern outside": {
			"settings:\n  compose: [../compose.yaml]\n",
			`release.yaml:2:13: "../compose.yaml" is not a pattern`,
		},
		"unknown moving tag": {
			"publish:\n  tags: [newest]\n",
			`release.yaml:2:10: unknown tag "newest", known are latest, X.Y, X`,
		},
		"docs of nobody": {
			"docs: {rebuild: {repository: site}}\n",
			`release.yaml:1:30: "site" is not of the form owner/name`,
		},
		"no port": {"verify:\n  port: 70000\n", `release.yaml:2:9: 70000 is not a port`},
		"health without a slash": {
			"verify:\n  health: health\n",
			`release.yaml:2:11: "health" does not begin with a slash`,
		},
		"an empty page": {
			"verify:\n  page: ''\n",
			`release.yaml:2:9: page is empty and would be ignored; leave the line out to keep the default, or ` +
				`write page: {absent: why} if this app has none`,
		},
		"an empty name": {
			"build: {image: {name: \"\"}}\n",
			`release.yaml:1:23: name is empty and would be ignored; leave the line out to keep the default, or ` +
				`write build: {image: {absent: why}} if this app has none`,
		},
		"an empty name in a list": {
			"suites:\n  - name: backend:unit\n    kind: ''\n",
			`release.yaml:3:11: kind is empty and would be ignored; leave the line out to keep the default, or ` +
				`write absent: why beside it if this app has none`,
		},
		"an empty rebuild": {
			"docs: {rebuild: \"\"}\n",
			`release.yaml:1:17: rebuild is empty and would be ignored; leave the line out to keep the default, or ` +
				`write rebuild: {absent: why} if this app has none`,
		},
		"no processes": {
			"verify: {processes: []}\n",
			`release.yaml:1:21: there is no command that lists the processes: leave the line out to keep the ` +
				`default, or write processes: {absent: why}`,
		},
		"a mapping for text": {
			"verify: {health: {absent: x}}\n",
			`release.yaml:1:18: verify.health must be a string such as /api/v1/health`,
		},
		"a mapping for a file": {
			"build:\n  vendor:\n    lock: {absent: x}\n",
			`release.yaml:3:11: build.vendor.lock must be a string such as backend/requirements.lock; write build: ` +
				`{vendor: {absent: why}} if this app has none`,
		},
		"a mapping for a list": {
			"suites: {contract: {absent: x}}\n",
			`release.yaml:1:9: suites must be a list of {name: …}`,
		},
		"a mapping for steps": {
			"checks:\n  backend:lint:\n    absent: x\n",
			`release.yaml:2:3: checks must be a list of {name: …}`,
		},
		"a mapping in a list": {
			"suites:\n  - {name: a, paths: {x: y}}\n",
			`release.yaml:2:22: suites[0].paths must be a list; write absent: why beside it`,
		},
		"a mapping for a number": {
			"verify: {port: {a: b}}\n",
			`release.yaml:1:16: verify.port must be a number such as 8000`,
		},
		"a mapping for a time": {
			"verify: {settle: {a: b}}\n",
			`release.yaml:1:18: verify.settle must be a length of time such as 90s or 5m`,
		},
		"a text for a number": {
			"verify: {port: http}\n",
			`release.yaml:1:16: verify.port must be a number such as 8000`,
		},
		"a text for a list": {
			"publish: {tags: latest}\n",
			`release.yaml:1:17: publish.tags must be a list such as [latest]`,
		},
		"a text for migrations": {
			"migrations: none\n",
			`release.yaml:1:13: migrations must be a list of {paths: …, command: …}; write migrations: {absent: why} ` +
				`if this app has none`,
		},
		"a text for a section": {
			"announce: no\n",
			`release.yaml:1:11: announce must be a mapping with the keys absent, name, to; write announce: ` +
				`{absent: why} if this app has none`,
		},
		"a text for values": {
			"verify: {env: A=b}\n",
			`release.yaml:1:15: verify.env must be a mapping from names to values`,
		},
		"a text for a switch": {
			"versionFiles: [{path: VERSION, optional: sometimes}]\n",
			`release.yaml:1:42: versionFiles[0].optional must be true or false`,
		},
		"a text for a step": {
			"checks: [ruff]\n",
			`release.yaml:1:10: checks[0] must be a mapping with the keys absent, advisory, args, baseline, command`,
		},
		"a text for a place": {
			"environments: {backend: \"3.11\"}\n",
			`release.yaml:1:25: environments.backend must be a mapping with the keys packages, project, python,`,
		},
		"a mapping for a path": {
			"suites:\n  - {name: a, paths: [{x: y}]}\n",
			`release.yaml:2:23: suites[0].paths[0] must be a string`,
		},
		"a list for the file": {
			"- a\n",
			`release.yaml:1:1: release.yaml must be a mapping with the keys announce, backend, build,`,
		},
		"a list for a page": {
			"verify: {page: [/]}\n",
			`release.yaml:1:16: verify.page must be a string such as /; write page: {absent: why} if this app has none`,
		},
		"an empty file": {
			"changelog:\n  file: ''\n",
			`release.yaml:2:9: file is empty and would be ignored; leave the line out to keep the default`,
		},
		"a reason of blanks": {"contract: {absent: ' '}\n", `release.yaml:1:20: absent is empty`},
		"no reason": {
			"contract: {absent: ''}\n",
			`release.yaml:1:20: absent is empty and would be ignored; it is the reason why this app has none`,
		},
		"no reason for a volume": {"verify:\n  volume: {absent: ''}\n", `release.yaml:2:20: absent is empty`},
		"a suite without reason": {
			"suites:\n  - name: backend:unit\n    absent: ''\n",
			`release.yaml:3:13: absent is empty`,
		},
		"neither page nor absence": {"verify: {page: {}}\n", `release.yaml:1:16: page is empty`},
		"a list of nothing":        {"migrations:\nverify: {port: 80}\n", `release.yaml:1:1: migrations is empty`},
		"processes of nothing":     {"verify:\n  processes:\n", `release.yaml:2:3: processes is empty`},
		"port of nothing":          {"verify: {port: 0}\n", `release.yaml:1:16: port is empty`},
		"absence misspelt": {
			"verify:\n  page: {absnt: an API}\n",
			`release.yaml:2:10: unknown key "absnt"; did you mean "absent"?`,
		},
		"absence of a list": {"versionFiles: {path: VERSION}\n", `release.yaml:1:16: unknown key "path"`},
		"page without a slash": {
			"verify: {page: index.html}\n",
			`release.yaml:1:16: "index.html" does not begin with a slash`,
		},
		"volume without a slash": {
			"verify: {volume: data}\n",
			`release.yaml:1:18: "data" does not begin with a slash`,
		},
		"a number for a page": {"verify: {page: 1}\n", `release.yaml:1:16: 1 is not text in YAML`},
		"an unknown need": {
			"verify: {needs: [redis]}\n",
			`release.yaml:1:18: unknown service "redis", known are postgresql`,
		},
		"placeholder without need": {
			"verify:\n  env: {URL: 'x{database.name}'}\n",
			`release.yaml:2:14: {database.name} needs verify.needs: [postgresql]`,
		},
		"database placeholder": {
			"verify: {needs: [postgresql], env: {URL: '{database.nme}'}}\n",
			`unknown placeholder {database.nme}, known are {database.user}, `,
		},
		"probe that is no JSON": {
			"verify: {probe: {body: '{'}}\n",
			`release.yaml:1:24: the probe's body is not JSON`,
		},
		"a title that is always the same": {
			"publish: {title: O.D.I.N.}\n",
			`release.yaml:1:18: the title "O.D.I.N." needs {version} or {tag}`,
		},
		"an empty title": {"publish: {title: ''}\n", `release.yaml:1:18: title is empty and would be ignored`},
		"a placeholder of no title": {
			"publish: {title: 'v{version} {commit}'}\n",
			`release.yaml:1:18: unknown placeholder {commit}, known are {version}, {tag}, {app}`,
		},
		"an expression for an environment": {
			"publish: {approval: '${{ vars.ENVIRONMENT }}'}\n",
			`release.yaml:1:21: "${{ vars.ENVIRONMENT }}" is an expression, which is not evaluated here`,
		},
		"no name of an environment": {
			"publish: {approval: 'production; staging'}\n",
			`release.yaml:1:21: "production; staging" is not the name of an environment on GitHub`,
		},
		"a file outside of the app": {
			"publish: {attach: [../x]}\n",
			`release.yaml:1:20: "../x" is not a pattern of paths inside the app`,
		},
		"a file that GitHub renames": {
			"publish: {attach: ['my file']}\n",
			`release.yaml:1:20: the file "my file" cannot be attached: GitHub would rename it`,
		},
		"a file that is attached already": {
			"publish: {attach: [docs/openapi.json]}\n",
			`release.yaml:1:20: openapi.json is a file that the pipeline makes itself`,
		},
		"a file of dist that no build makes": {
			"publish: {attach: [dist/test/unit.xml]}\n",
			`release.yaml:1:20: dist/test/unit.xml: of dist, only files of frontend and vendor can be attached`,
		},
		"another way to join": {
			"changelog: {written: after}\n",
			`release.yaml:1:22: unknown value "after", expected one of before, instead`,
		},
		"no channel": {"announce: {to: []}\n", `there is no channel: name one, or say in announce.absent why`},
		"an unknown channel": {
			"announce: {to: [{kind: irc}]}\n",
			`release.yaml:1:24: unknown kind "irc", expected one of discord, slack, mattermost, ntfy, webhook`,
		},
		"two channels of a kind": {
			"announce: {to: [{kind: ntfy}, {kind: ntfy}]}\n",
			`release.yaml:1:38: there are two channels of the kind ntfy, and one address`,
		},
		"a webhook without a body": {
			"announce: {to: [{kind: webhook}]}\n",
			`the body of the webhook: it is empty: give the text or the JSON to post`,
		},
		"a body of what has its own": {
			"announce: {to: [{kind: slack, body: x}]}\n",
			`release.yaml:1:37: only a webhook has a body of its own`,
		},
		"a body that is no JSON": {
			"announce: {to: [{kind: webhook, body: '{\"a\": 1,}'}]}\n",
			`release.yaml:1:39: the body of the webhook: it begins as JSON and is none`,
		},
		"a placeholder of no body": {
			"announce: {to: [{kind: webhook, body: 'see {link}'}]}\n",
			`release.yaml:1:39: the body of the webhook: unknown placeholder {link}, known are {title}, `,
		},
		"a placeholder of no payload": {
			"docs: {rebuild: {payload: {a: '{sha}'}}}\n",
			`release.yaml:1:31: unknown placeholder {sha}, known are {version}, {tag}, {commit}, {repository}`,
		},
		"a payload that GitHub refuses": {
			"docs: {rebuild: {payload: {a: x, b: x, c: x, d: x, e: x, f: x, g: x, h: x, i: x, j: x, k: x}}}\n",
			`GitHub takes at most 10 entries, and these are 11`,
		},
		"migrations without a command": {
			"migrations: [{paths: [a]}]\n",
			`migrations need paths, and the command that runs one, or command: {absent: why}`,
		},
		"a module by its file": {
			"contract: {expect: {modules: [modules/a.py]}}\n",
			`release.yaml:1:31: "modules/a.py" is not the name of a module, such as modules.printers.routes`,
		},
		"fewer than no routes":     {"contract: {expect: {routes: -1}}\n", `-1 is not a number of routes`},
		"version file bad pattern": {"versionFiles:\n  - {path: a, pattern: '('}\n", "missing closing )"},
	} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			write(t, root, ConfigFile, test.yaml)
			_, err := Find(root)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v\nexpected %s", err, test.want)
			}
		})
	}
}

func TestConfigMergesOverDefaults(t *testing.T) {
	root := t.TempDir()
	write(t, root, ConfigFile, `
environments:
  tests: {requirements: [tests/requirements-test.txt]}
checks:
  - name: frontend:lint
    absent: no config for TypeScript
suites:
  - name: backend:unit
    directory: .
    environment: tests
    paths: [tests/test_auth.py]
    env: {ADMIN_USERNAME: admin}
  - name: backend:rbac
    kind: pytest
    environment: tests
build:
  image:
    platforms: [linux/amd64]
`)
	found, err := Find(root)
	if err != nil {
		t.Fatal(err)
	}
	unit, err := found.Suite("backend:unit")
	if err != nil {
		t.Fatal(err)
	}
	want := Step{
		Name:        "backend:unit",
		Kind:        "pytest",
		Directory:   ".",
		Environment: "tests",
		Paths:       []string{"tests/test_auth.py"},
		Env:         map[string]string{"ADMIN_USERNAME": "admin"},
		Timeout:     unit.Timeout,
	}
	if diff := cmp.Diff(want, unit, cmpopts.IgnoreUnexported(Step{})); diff != "" {
		t.Errorf("backend:unit (-want +got):\n%s", diff)
	}
	if _, ok := found.Config.Environments["backend"]; !ok || len(found.Config.Environments) != 2 {
		t.Errorf("environments: %v", found.Config.Environments)
	}
	if len(found.Config.Suites) != 5 || len(found.Config.Checks) != 4 {
		t.Errorf("%d suites, %d checks", len(found.Config.Suites), len(found.Config.Checks))
	}
	if image := found.Config.Build.Image; image.Dockerfile != "Dockerfile" || len(image.Platforms) != 1 {
		t.Errorf("image: %+v", image)
	}
}

// TestConfigMergesEnvironments changes the default environment where an entry has its name,
// and takes any other entry as it is.
func TestConfigMergesEnvironments(t *testing.T) {
	locks := []string{"backend/requirements-dev.lock"}
	for name, test := range map[string]struct {
		environments string
		want         map[string]Environment
	}{
		"a Python": {"backend: {python: \"3.13.1\"}", map[string]Environment{
			"backend": {Python: "3.13.1", Requirements: locks},
		}},
		"packages": {"backend: {packages: [pytest==8.3.5]}", map[string]Environment{
			"backend": {Python: "3.11", Requirements: locks, Packages: []string{"pytest==8.3.5"}},
		}},
		"no requirements": {"backend: {requirements: []}", map[string]Environment{
			"backend": {Python: "3.11", Requirements: []string{}},
		}},
		"a project instead of requirements": {"backend: {project: backend}", map[string]Environment{
			"backend": {Python: "3.11", Project: "backend"},
		}},
		"another one": {"tests: {python: pypy@3.10, packages: [pytest==8.3.5]}", map[string]Environment{
			"backend": {Python: "3.11", Requirements: locks},
			"tests":   {Python: "pypy@3.10", Packages: []string{"pytest==8.3.5"}},
		}},
	} {
		config, _, err := merge(ConfigFile, []byte("environments:\n  "+test.environments+"\n"))
		if diff := cmp.Diff(test.want, config.Environments); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
		}
	}
}

// TestConfigPlatforms accepts the platforms that images exist for.
func TestConfigPlatforms(t *testing.T) {
	_, _, err := merge(ConfigFile, []byte("build: {image: {platforms: [linux/386, linux/amd64, linux/arm, "+
		"linux/arm/v7, linux/arm64, linux/arm64/v8, linux/loong64, linux/mips64le, linux/ppc64le, linux/riscv64, "+
		"linux/s390x]}}\n"))
	if err != nil {
		t.Error(err)
	}
}

// TestConfigAbsent declares everything absent that an app may lack.
func TestConfigAbsent(t *testing.T) {
	root := t.TempDir()
	write(t, root, ConfigFile, `
verify:
  page: {absent: an API alone}
  processes: {absent: one program}
  volume:
    absent: it keeps nothing
  probe: {absent: it keeps nothing}
migrations: {absent: no database}
versionFiles: {absent: the tag is the version}
settings: {compose: {absent: none}}
docs: {paths: {absent: none}, rebuild: {absent: none}}
`)
	found, err := Find(root)
	if err != nil {
		t.Fatal(err)
	}
	verify := found.Config.Verify
	want := []string{
		"page (an API alone)",
		"processes (one program)",
		"volume (it keeps nothing)",
		"probe (it keeps nothing)",
	}
	if diff := cmp.Diff(want, verify.Without()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if verify.KeepsData() {
		t.Error("it keeps data")
	}
	config := found.Config
	for name, length := range map[string]int{"migrations": len(
		config.Migrations,
	), "versionFiles": len(config.VersionFiles),
		"compose": len(config.Settings.Compose), "docs": len(config.Docs.Paths)} {
		if length != 0 {
			t.Errorf("%s has %d entries", name, length)
		}
	}
	if len(config.Settings.Environment) == 0 {
		t.Error("another list is absent too")
	}
}

// TestConfigKeeps checks that the forms of earlier versions still work.
func TestConfigKeeps(t *testing.T) {
	root := t.TempDir()
	write(
		t,
		root,
		ConfigFile,
		"verify:\n  page: /app\n  processes: [ps]\n  needs: [postgresql]\n  env: {DB: '{database.host}', JSON: "+
			"'{\"a\": {}}', EMPTY: ''}\nmigrations: []\n",
	)
	found, err := Find(root)
	if err != nil {
		t.Fatal(err)
	}
	verify := found.Config.Verify
	if verify.Page.Value != "/app" || len(verify.Processes.Value) != 1 || verify.Volume.Value != "/data" ||
		len(found.Config.Migrations) != 0 ||
		!verify.NeedsPostgresql() {
		t.Errorf("%+v", verify)
	}
	if at, other := found.Where("verify.page"), found.Where("verify.volume"); at != "release.yaml:2:9" || other != "" {
		t.Errorf("page at %q, volume at %q", at, other)
	}
}

// TestConfigAbsentContract checks that every way to declare the contract absent has the
// same effect.
func TestConfigAbsentContract(t *testing.T) {
	for _, test := range []struct{ yaml, contract, suite string }{
		{"contract: {absent: no FastAPI}\n", "no FastAPI", "no FastAPI"},
		{"suites: [{name: 'backend:contract', absent: no FastAPI}]\n", "no FastAPI", "no FastAPI"},
		{
			"suites: [{name: other, kind: contract}, {name: 'backend:contract', absent: the other does it}]\n",
			"",
			"the other does it",
		},
		{"versioning: {policy: enforce}\n", "", ""},
	} {
		root := t.TempDir()
		write(t, root, ConfigFile, test.yaml)
		found, err := Find(root)
		if err != nil {
			t.Fatal(err)
		}
		suite, err := found.Suite("backend:contract")
		if err != nil || found.Config.Contract.Absent != test.contract || suite.Absent != test.suite {
			t.Errorf("%s: contract %q, suite %q, %v", test.yaml, found.Config.Contract.Absent, suite.Absent, err)
		}
	}
}

func TestFindOutsideAnApp(t *testing.T) {
	root := t.TempDir()
	write(t, root, ".git/HEAD", "")
	write(t, root, "some/where/file", "")
	_, err := Find(filepath.Join(root, "some", "where"))
	if err == nil || !strings.Contains(err.Error(), "rehearse") || strings.Contains(err.Error(), "\n") {
		t.Errorf("error %v", err)
	}
	write(t, root, "backend/a", "")
	write(t, root, "frontend/a", "")
	found, err := Find(filepath.Join(root, "some", "where"))
	if err != nil || found.Root != root {
		t.Errorf("found %+v, %v", found, err)
	}
}

func TestUnmarked(t *testing.T) {
	root := t.TempDir()
	for _, file := range []string{"plain/.git/HEAD", "plain/backend/a", "api/.git/HEAD",
		"api/backend/pyproject.toml", "api/backend/app/a",
		"page/.git", "page/frontend/package.json", "within/.git/HEAD", "within/shop/backend/pyproject.toml",
		"loose/backend/pyproject.toml"} {
		write(t, root, file, "")
	}
	for dir, want := range map[string]string{
		"plain":               "",
		"api":                 "api",
		"api/backend/app":     "api",
		"page/frontend":       "page",
		"within":              "",
		"within/shop/backend": "within/shop",
		"loose":               "",
	} {
		if want != "" {
			want = filepath.Join(root, want)
		}
		if got, err := Unmarked(filepath.Join(root, dir)); err != nil || got != want {
			t.Errorf("%s: %q, %v; expected %q", dir, got, err, want)
		}
	}
}

func TestWithin(t *testing.T) {
	for _, test := range []struct {
		file, pattern string
		want          bool
	}{
		{
			"docs/a.md",
			"docs",
			true,
		}, {"docs/a/b.md", "docs/", true}, {"docsite/a.md", "docs", false}, {"docs", "docs", true},
		{
			"backend/modules/jobs/migrations/1.sql",
			"backend/modules/*/migrations",
			true,
		}, {"backend/modules/migrations/1.sql", "backend/modules/*/migrations", false},
		{
			"docker-compose.dev.yml",
			"docker-compose.*.yml",
			true,
		}, {"a/docker-compose.yml", "docker-compose.yml", false}, {"a", ".", true},
	} {
		if got := Within(test.file, []string{"none", test.pattern}); got != test.want {
			t.Errorf("%s within %s: %v", test.file, test.pattern, got)
		}
	}
}

// TestSchema keeps the JSON Schema in step with the types.
func TestSchema(t *testing.T) {
	reflector := jsonschema.Reflector{FieldNameTag: "yaml", RequiredFromJSONSchemaTags: true, DoNotReference: true}
	reflector.Mapper = func(kind reflect.Type) *jsonschema.Schema {
		if kind == reflect.TypeFor[Duration]() {
			return &jsonschema.Schema{Type: "string", Pattern: `^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$`}
		}
		if kind.Kind() == reflect.Pointer {
			return nil
		}
		value, ok := reflect.Zero(kind).Interface().(either)
		if !ok {
			return nil
		}
		forms := &jsonschema.Schema{OneOf: []*jsonschema.Schema{
			reflector.ReflectFromType(value.present()), reflector.ReflectFromType(reflect.TypeFor[absence]())}}
		for _, form := range forms.OneOf {
			form.Version, form.ID = "", ""
		}
		return forms
	}
	if err := reflector.AddGoComments("github.com/hughkantsime/odin-release/magefiles/internal/app", "."); err != nil {
		t.Fatal(err)
	}
	// The comments are found under the package's own folder name here.
	comments := map[string]string{}
	for key, text := range reflector.CommentMap {
		comments[strings.Replace(key, "app/.", "app", 1)] = strings.Join(strings.Fields(text), " ")
	}
	reflector.CommentMap = comments
	schema := reflector.Reflect(Config{})
	schema.ID = "https://github.com/hughkantsime/odin-release/release.schema.json"
	schema.Title = "release.yaml of odin-release"
	got, err := json.MarshalIndent(schema, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, '\n')
	testkit.Golden(t, "release.schema.json", string(got)) // what the types say
}

// FuzzConfig takes any text for a release.yaml: it is refused with a position, or
// accepted.
func FuzzConfig(f *testing.F) {
	for _, seed := range []string{"", "verify: {page: {absent: an API}}", "verify:\n  volume:\n    absent: ''\n",
		"migrations: {absent: x}", "versionFiles: [{path: VERSION}]",
		"a: &b [*b]", "verify: &v {page: *v}", "checks: [{name: a}, null]",
		"verify: {port: 0, processes: [a, '']}", "? {a: b}\n: c"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if _, _, err := parseConfig(
			ConfigFile,
			[]byte(text),
		); err != nil &&
			!strings.HasPrefix(err.Error(), ConfigFile+":") {
			t.Errorf("an error without its file: %v", err)
		}
	})
}
