package detect_test

import "maps"

const (
	hashed = " \\\n    --hash=sha256:00\n"
	spec   = `{"paths": {"/health": {"get": {}}, "/items": {"get": {}, "post": {}}, "/items/{id}": {"get": {}}}}`
)

// fixture is a checkout of an app.
type fixture struct {
	repository, version string
	files               map[string]string
}

// fixtures are apps of different shapes.
func fixtures() map[string]fixture {
	return map[string]fixture{
		"api-alone":     {"ada/shop", "1.2.3", apiAlone()},
		"uv-project":    {"ada/shop", "", uvProject()},
		"frontend-only": {"ada/shop-page", "", frontendOnly()},
		"poetry":        {"ada/shop", "", poetry()},
		"pnpm":          {"ada/shop", "", pnpm()},
		"unclear":       {"ada/shop", "", unclear()},
		"files-alone":   {"", "", filesAlone()},
	}
}

// apiAlone returns an API in another folder, with requirement files and PostgreSQL.
func apiAlone() map[string]string {
	return map[string]string{
		"README.md":         "# Shop\n",
		"VERSION":           "1.2.3\n",
		"deploy/Dockerfile": "FROM python:3.12-slim\nEXPOSE 9000\nCMD [\"uvicorn\", \"shop.main:app\"]\n",
		"compose.yaml": "services:\n  api:\n    build: {context: ., dockerfile: deploy/Dockerfile}\n" +
			"  db:\n    image: postgres:16\n",
		"chart/Chart.yaml":          "name: shop\nversion: 0.1.0\nappVersion: \"1.2.3\"\n",
		"api/requirements.txt":      "fastapi==1.0" + hashed,
		"api/requirements.in":       "fastapi\n",
		"api/requirements-dev.txt":  "-r requirements.txt\nruff\npytest\n",
		"api/shop/__init__.py":      "",
		"api/shop/main.py":          "from fastapi import FastAPI\n\napp = FastAPI(title=\"Shop\")\n",
		"api/shop/settings.py":      "import os\n\nDATABASE_URL = os.environ['DATABASE_URL']\n",
		"api/tests/test_items.py":   "def test_items(): pass\n",
		"api/openapi.json":          spec,
		"api/migrations/0001_a.sql": "CREATE TABLE items (id int);\n",
		".github/workflows/push.yml": "on: push\njobs:\n  push:\n    steps:\n      - with:\n" +
			"          platforms: linux/amd64\n",
	}
}

// uvProject has its one project in the root, and a page that npm builds.
func uvProject() map[string]string {
	return map[string]string{
		"pyproject.toml": "[project]\nname = \"shop\"\nversion = \"0.4.0\"\nrequires-python = \">=3.13\"\n" +
			"dependencies = [\"fastapi\"]\n",
		"uv.lock": "version = 1\n\n[[package]]\nname = \"shop\"\nversion = \"0.4.0\"\n" +
			"source = { editable = \".\" }\n\n[[package]]\nname = \"ruff\"\nversion = \"1.0.0\"\n\n" +
			"[[package]]\nname = \"pytest\"\nversion = \"1.0.0\"\n\n" +
			"[[package]]\nname = \"mypy\"\nversion = \"1.0.0\"\n",
		"src/shop/__init__.py": "__version__ = \"0.4.0\"\n",
		"src/shop/api.py": "from fastapi import FastAPI\n\n\ndef helper(): ...\n\n\ndef build() -> FastAPI:\n" +
			"    api = FastAPI()\n\n    @api.get(\"/healthz\")\n    def health(): ...\n    return api\n",
		"tests/unit/test_a.py":        "def test_a(): pass\n",
		"tests/integration/test_b.py": "import os\nURL = os.environ['TEST_DATABASE_URL']\n",
		"Dockerfile": "FROM python\nLABEL org.opencontainers.image.title=\"The Shop\"\n" +
			"VOLUME [\"/var/lib/shop\"]\n",
		"alembic.ini":                 "[alembic]\nscript_location = db\n",
		"db/versions/0001_a.py":       "revision = '1'\n",
		"web/package.json":            npm("0.4.0", "vite", "eslint", "typescript", "vitest"),
		"web/package-lock.json":       npmLock("0.4.0", "vite", "eslint", "typescript", "vitest"),
		"docs/index.md":               "# Docs\n",
		".github/workflows/pages.yml": "on: {workflow_dispatch: {}}\n",
		"HISTORY.md":                  "# History\n",
	}
}

// frontendOnly has neither Python nor an API.
func frontendOnly() map[string]string {
	return map[string]string{
		"package.json":      npm("2.0.0", "vite", "react", "typescript"),
		"package-lock.json": npmLock("2.0.0", "vite", "react", "typescript"),
		"src/version.ts":    "export const VERSION = \"2.0.0\"\n",
		"Dockerfile":        "FROM nginx\nEXPOSE 80\nCOPY dist /usr/share/nginx/html\n",
	}
}

// poetry has a backend that Poetry manages.
func poetry() map[string]string {
	files := apiAlone()
	maps.DeleteFunc(files, func(file, _ string) bool {
		return file == "VERSION" || file == "api/requirements.txt" || file == "api/requirements.in" ||
			file == "api/requirements-dev.txt"
	})
	files["api/poetry.lock"] = "[[package]]\nname = \"fastapi\"\nversion = \"1.0\"\ngroups = [\"main\"]\n\n" +
		"[[package]]\nname = \"pytest\"\nversion = \"9.0\"\ngroups = [\"dev\"]\n\n" +
		"[[package]]\nname = \"ruff\"\nversion = \"1.0\"\ngroups = [\"dev\"]\n"
	files["api/pyproject.toml"] = "[tool.poetry]\nname = \"shop\"\nversion = \"1.2.3\"\n\n" +
		"[tool.poetry.dependencies]\n" +
		"python = \"^3.12\"\nfastapi = \"*\"\n\n[tool.poetry.group.dev.dependencies]\npytest = \"*\"\nruff = \"*\"\n"
	return files
}

// pnpm has a page whose packages pnpm installs.
func pnpm() map[string]string {
	return map[string]string{
		"frontend/package.json":   npm("3.1.0", "vite", "react", "eslint", "typescript", "vitest"),
		"frontend/pnpm-lock.yaml": pnpmLock("vite", "react", "eslint", "typescript", "vitest"),
		"Dockerfile":              "FROM node\nEXPOSE 8000\n",
	}
}

// unclear leaves most open.
func unclear() map[string]string {
	return map[string]string{
		"requirements.txt":  "flask\n",
		"app.py":            "VERSION = 'none'\n",
		"Dockerfile":        "FROM python\n",
		"docker/Dockerfile": "FROM python\n",
	}
}

// filesAlone has neither an image nor a name.
func filesAlone() map[string]string {
	return map[string]string{
		"pyproject.toml":         "[project]\nname = \"tool\"\nversion = \"1.0.0\"\n",
		"uv.lock":                "version = 1\n\n[[package]]\nname = \"pytest\"\nversion = \"1.0.0\"\n",
		"tool.py":                "print('hello')\n",
		"tests/unit/test_one.py": "def test_one(): pass\n",
	}
}

// npm returns a package.json with development dependencies.
func npm(version string, packages ...string) string {
	text := `{"version": "` + version + `", "devDependencies": {`
	for i, name := range packages {
		if i > 0 {
			text += ", "
		}
		text += `"` + name + `": "1.0.0"`
	}
	return text + "}}\n"
}

// pnpmLock returns a pnpm-lock.yaml.
func pnpmLock(packages ...string) string {
	text := "lockfileVersion: '9.0'\nimporters:\n  .:\n    devDependencies:\n"
	for _, name := range packages {
		text += "      " + name + ": {specifier: 1.0.0, version: 1.0.0}\n"
	}
	return text
}

// npmLock returns a package-lock.json.
func npmLock(version string, packages ...string) string {
	text := `{"version": "` + version + `", "packages": {"": {"version": "` + version + `"}`
	for _, name := range packages {
		text += `, "node_modules/` + name + `": {}`
	}
	return text + "}}\n"
}
