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

func TestSpecTellsWhyTheAppDoesNotStart(t *testing.T) {
	root := testkit.Files(t, map[string]string{"backend/app/main.py": "raise RuntimeError('no settings')\n"})
	_, err := ask(t, root, app.Contract{App: "app.main:app"})
	if err == nil || !strings.Contains(err.Error(), "get the routes of app.main:app") ||
		!strings.Contains(err.Error(), "RuntimeError: no settings") {
		t.Errorf("error %v", err)
	}
}
