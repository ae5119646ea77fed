package contract

import (
	"os"
	"strings"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
)

// The application needs no framework: only its openapi() is called.
const main = `
import logging
class App:
    def openapi(self):
        return {"openapi": "3.1.0"}
def create_app():
    print("noise on standard output")
    try:
        from app import routes
    except Exception:
        logging.exception("not loaded")
    return App()
app = create_app()
`

func ask(t *testing.T, root string, config app.Contract) (string, error) {
	t.Helper()
	runner := &run.Runner{Env: run.Environ(os.Environ()), Out: os.Stderr}
	config.Directory = "backend"
	spec, err := Spec(t.Context(), runner, testkit.Scratch(t), config, "backend:contract", root, "python3", nil, 0)
	return string(spec), err
}

func TestSpecAsksTheApp(t *testing.T) {
	root := testkit.Files(t, map[string]string{"backend/app/main.py": main, "backend/app/routes.py": ""})
	for _, reference := range []string{"app.main:create_app", "app.main:app"} {
		spec, err := ask(t, root, app.Contract{App: reference})
		if err != nil || spec != "{\n  \"openapi\": \"3.1.0\"\n}\n" {
			t.Errorf("%s: %q, %v", reference, spec, err)
		}
	}
}

func TestSpecTellsOfSwallowedImportErrors(t *testing.T) {
	for name, test := range map[string]struct {
		routes   map[string]string
		optional []string
		want     string
	}{
		"a dependency is missing": {map[string]string{"backend/app/routes.py": "import no_such_thing\n"}, nil,
			"app.routes (backend/app/routes.py): ModuleNotFoundError: No module named 'no_such_thing'"},
		"a module raises": {
			map[string]string{"backend/app/routes.py": "1 / 0\n"},
			nil,
			"app.routes (backend/app/routes.py): ZeroDivisionError",
		},
		"a module is missing": {nil, nil, "ImportError"},
		"a module is optional": {
			map[string]string{"backend/app/routes.py": "import no_such_thing\n"},
			[]string{"app.routes"},
			"",
		},
		"an optional dependency": {
			map[string]string{
				"backend/app/routes.py": "try:\n    import no_such_thing\nexcept ImportError:\n    pass\n",
			},
			nil,
			"",
		},
	} {
		t.Run(name, func(t *testing.T) {
			files := map[string]string{"backend/app/main.py": main}
			for file, content := range test.routes {
				files[file] = content
			}
			_, err := ask(t, testkit.Files(t, files), app.Contract{App: "app.main:app", OptionalModules: test.optional})
			if test.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v\nexpected %s", err, test.want)
			}
		})
	}
}

// logging is an app that logs what it cannot import, in a way that no import hook sees.
const logging = `
import pathlib
names = [p.parent.name for p in pathlib.Path("modules").glob("*/routes.py") if "off" not in p.read_text()]
for name in names:
    __import__(f"modules.{name}.routes")
class App:
    def openapi(self):
        paths = {f"/{name}": {"get": {"responses": {"200": {"description": "OK"}}}} for name in names}
        return {"openapi": "3.1.0", "info": {"title": "A", "version": "1"}, "paths": paths}
app = App()
`

// What the app is expected to have is looked for, whatever it swallowed.
func TestSpecExpects(t *testing.T) {
	root := testkit.Files(t, map[string]string{
		"backend/main.py": logging, "backend/modules/a/routes.py": "", "backend/modules/b/routes.py": "off = 1\n",
		"backend/modules/c/routes/__init__.py": "", "backend/modules/d/models.py": "",
	})
	for name, test := range map[string]struct {
		expect app.Expect
		want   string
	}{
		"nothing":     {app.Expect{}, ""},
		"what it has": {app.Expect{Modules: []string{"main", "modules.a.*"}, Routes: 1}, ""},
		"a module": {
			app.Expect{Modules: []string{"modules.b.routes"}}, "modules[0]: the app does not import modules.b.routes,",
		},
		"modules": {
			app.Expect{Modules: []string{"modules.*.routes"}}, "does not import modules.b.routes, modules.c.routes, so",
		},
		"a module of a name": {app.Expect{Modules: []string{"module.x"}}, "does not import module.x"},
		"no module": {
			app.Expect{Modules: []string{"main", "x.*"}}, "contract.expect.modules[1]: there is no module x.*",
		},
		"routes": {
			app.Expect{Routes: 2}, "contract.expect.routes: the app has 1 routes, and 2 are expected at least",
		},
	} {
		_, err := ask(t, root, app.Contract{App: "main:app", Expect: test.expect})
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, expected %s", name, err, test.want)
		}
	}
}

// Why an app cannot be asked is told with lines of the app alone.
func TestSpecTellsWhyTheAppDoesNotStart(t *testing.T) {
	const configured = "; correct contract.app in release.yaml"
	for name, test := range map[string]struct{ main, reference, want string }{
		"it raises": {"raise RuntimeError('no settings')\n", "app",
			"backend/app/main.py:1: RuntimeError: no settings"},
		"a syntax error": {"\n\nx = (\n", "app", "backend/app/main.py:3: SyntaxError: '(' was never closed"},
		"a syntax error in what it imports": {"\nfrom app import broken\n", "app",
			"backend/app/broken.py:2: SyntaxError: invalid syntax\n  reached from backend/app/main.py:2"},
		"a library raises": {"import json\n\napp = json.loads('{')\n", "app",
			"backend/app/main.py:3: JSONDecodeError: Expecting property name enclosed in double quotes: " +
				"line 1 column 2 (char 1)"},
		"its factory raises": {"def app():\n    raise KeyError\n", "app", "backend/app/main.py:2: KeyError"},
		"no such name": {"", "create_app",
			"AttributeError: module 'app.main' has no attribute 'create_app'" + configured},
		"no application": {"app = 1\n", "app", "TypeError: 'int' object is not callable" + configured},
	} {
		t.Run(name, func(t *testing.T) {
			root := testkit.Files(t, map[string]string{
				"backend/app/main.py": test.main, "backend/app/broken.py": "x = 1\ny = = 2\n",
			})
			_, err := ask(t, root, app.Contract{App: "app.main:" + test.reference})
			if want := "get the routes of app.main:" + test.reference + ": " + test.want; err == nil ||
				err.Error() != want {
				t.Errorf("error %v\nexpected %s", err, want)
			}
		})
	}
	_, err := ask(t, testkit.Files(t, map[string]string{"backend/app/main.py": ""}), app.Contract{App: "app.mian:app"})
	if err == nil || !strings.HasSuffix(err.Error(), ": ModuleNotFoundError: No module named 'app.mian'"+configured) {
		t.Errorf("a module that is not there: %v", err)
	}
	root := testkit.Files(t, map[string]string{"backend/app/main.py": "import os\n\nos._exit(3)\n"})
	if _, err := ask(t, root, app.Contract{App: "app.main:app"}); err == nil ||
		!strings.HasSuffix(err.Error(), "exited with code 3") {
		t.Errorf("the interpreter ends: %v", err)
	}
}
