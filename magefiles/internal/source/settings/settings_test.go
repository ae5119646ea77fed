package settings_test

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hughkantsime/odin-release/magefiles/internal/source/settings"
)

func TestPythonFindsWhatIsRead(t *testing.T) {
	for name, test := range map[string]struct {
		source string
		want   settings.Names
	}{
		"environ": {
			"import os\nx = os.environ[\"PORT\"]\ny = os.environ.get('HOST') or os.getenv(\"A_B\", \"x\")\n",
			settings.Names{"PORT": 2, "HOST": 3, "A_B": 3},
		},
		"a helper": {
			"from os import environ\n\ndef seconds(name, otherwise=environ):\n    value = environ.get(name)\n    " +
				"return float(value)\n\ndef other(name):\n    return name\n\nA = seconds(\n  \"OFFLINE_AFTER\", " +
				"3)\nother(\"NOT_READ\")\n",
			settings.Names{"OFFLINE_AFTER": 11},
		},
		"over lines": {"import os\nx = os.getenv(\n    \"MULTI\"\n)\n", settings.Names{"MULTI": 3}},
		"constants": {
			"import os\nos.environ['A']\nHTTP = \"NOT_FOUND\"\nif s == 'PRINTER_ONLINE': raise " +
				"E(\"NOT_ALLOWED\")\n\"\"\"os.environ['NOT_THIS']\nos.getenv('NOR_THIS')\n\"\"\"\n",
			settings.Names{"A": 2},
		},
		"another file": {"X = {\"SOME_NAME\": 1}\n", settings.Names{}},
		"no variable": {
			"import os\nos.environ\nx = \"POST\"; y = \"utf_8\"\n# os.environ['NOT_THIS']\n",
			settings.Names{},
		},
		"first place": {"os.getenv('A')\nos.getenv('A')\n", settings.Names{"A": 1}},
		"pydantic": {
			"class Settings(BaseSettings):\n    \"\"\"What is set.\n\n    note: is this\n    \"\"\"\n    " +
				"model_config = SettingsConfigDict(env_prefix=\"ODIN_\")\n    port: int = 8000\n    api_key: str\n" +
				"\n    def url(self) -> str:\n        x: int = 3\n        return ''\n\nclass Other(BaseModel):\n  " +
				"  name: str\n",
			settings.Names{"ODIN_PORT": 7, "ODIN_API_KEY": 8},
		},
		"pydantic, named": {
			"class Settings(BaseSettings):\n    port: int = Field(8000, validation_alias=\"ODIN_PORT\")\n",
			settings.Names{"ODIN_PORT": 2},
		},
		"two classes": {
			"class A(BaseSettings):\n    a: int\n    class Config:\n        env_prefix = \"A_\"\n\nclass " +
				"B(BaseSettings):\n    b: int\n\nclass M(BaseModel):\n    u: str = Field(alias=\"userName\")\n",
			settings.Names{"A_A": 2, "B": 7},
		},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, settings.Python([]byte(test.source))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	sample, err := os.ReadFile("../../rehearsal/sample/backend/app/settings.py")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"DATABASE_URL", "FRONTEND_DIR", "HOST", "MONITOR_INTERVAL", "OFFLINE_AFTER", "PORT"}
	if diff := cmp.Diff(want, settings.Python(sample).Without(nil)); diff != "" {
		t.Errorf("of the sample (-want +got):\n%s", diff)
	}
}

func TestDotenv(t *testing.T) {
	got := settings.Dotenv([]byte("# The port.\nPORT=8000\nexport HOST=\n# A_B=optional\nnothing\n"))
	if diff := cmp.Diff(settings.Names{"PORT": 2, "HOST": 3, "A_B": 4}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestComposeTellsWhatChanged(t *testing.T) {
	const base = "services:\n  odin:\n    image: odin:1\n    ports: [\"80:80\"]\n    environment:\n      A: x\n"
	for name, test := range map[string]struct {
		now  string
		want []string
	}{
		"nothing": {
			"services: {odin: {image: 'odin:1', ports: ['80:80'], environment: [A=x]}} # other spelling\n",
			nil,
		},
		"ports": {
			"services:\n  odin:\n    image: odin:1\n    ports: [\"80:80\", \"81:81\"]\n    environment: {A: x}\n",
			[]string{"`services.odin.ports` is `[80:80, 81:81]` now; it was `[80:80]`"},
		},
		"a variable more": {base + "      B: 1\n", []string{"`services.odin.environment.B` is new: `1`"}},
		"a variable less": {
			"services:\n  odin:\n    image: odin:1\n    ports: [\"80:80\"]\n",
			[]string{"`services.odin.environment.A` is gone"},
		},
		"a service": {
			base + "  cache:\n    image: redis\n    ports: []\n",
			[]string{"`services.cache` is new"},
		},
		"services and a tag": {
			"services:\n  app:\n    image: a`b\n",
			[]string{"`services.app` is new", "`services.odin` is gone"},
		},
		"a volume": {base + "volumes:\n  data:\n", []string{"`volumes.data` is new"}},
		"emptied":  {"", []string{"`services.odin` is gone"}},
	} {
		t.Run(name, func(t *testing.T) {
			before, err := settings.ReadCompose([]byte(base))
			if err != nil {
				t.Fatal(err)
			}
			now, err := settings.ReadCompose([]byte(test.now))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, now.Since(before)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	if _, err := settings.ReadCompose([]byte("a: [")); err == nil {
		t.Error("broken YAML was read")
	}
}

func TestVariables(t *testing.T) {
	read, err := settings.ReadCompose(
		[]byte(
			"a: ${A}\n# ${NOT_THIS:?in a comment}\nb: $B ${C:-x} ${D:?is not set} ${E?x} $${F} $$G\nc: ['${A:?}']\n",
		),
	)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(
		map[string]bool{"A": true, "B": false, "C": false, "D": true, "E": true},
		read.Variables(),
	); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
