package contract

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const base = `{
  "openapi": "3.1.0", "info": {"title": "A", "version": "1.0.0"},
  "paths": {
    "/items/{id}": {
      "get": {
        "summary": "Get", "operationId": "get_item",
        "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "integer"}},
                       {"name": "deep", "in": "query", "required": false,
                        "schema": {"type": "boolean", "default": false}}],
        "responses": {"200": {"description": "OK", "content":
          {"application/json": {"schema": {"$ref": "#/components/schemas/Item"}}}}}
      }
    },
    "/items": {
      "post": {
        "requestBody": {"required": true, "content":
          {"application/json": {"schema": {"$ref": "#/components/schemas/Item"}}}},
        "responses": {"201": {"description": "Created"}}
      }
    }
  },
  "components": {"schemas": {"Item": {"type": "object",
    "required": ["name"], "properties": {"name": {"type": "string", "maxLength": 80}}}}}
}`

func TestCompareNamesEachDifference(t *testing.T) {
	for name, test := range map[string]struct {
		old, new string
		want     []string // each is part of one difference
	}{
		"nothing":          {"", "", nil},
		"only texts":       {`"summary": "Get"`, `"summary": "Get it", "description": "More"`, nil},
		"only the version": {`"version": "1.0.0"`, `"version": "2.0.0"`, nil},
		"a path": {
			`"/items": {`,
			`"/things": {`,
			[]string{
				"POST /items: is in the spec, but the app has no such route",
				"POST /things: the app has this route, but the spec does not",
			},
		},
		"a method": {
			`"post": {`,
			`"put": {`,
			[]string{"POST /items: is in the spec", "PUT /items: the app has"},
		},
		"a status code": {
			`"201": {`,
			`"200": {`,
			[]string{"POST /items: responses: the app has \"200\"", "POST /items: responses: the spec has \"201\""},
		},
		"a parameter": {
			`"name": "deep"`,
			`"name": "full"`,
			[]string{
				"GET /items/{id}: parameters: the app has query \"full\"",
				"GET /items/{id}: parameters: the spec has query \"deep\"",
			},
		},
		"a parameter's type": {
			`"type": "integer"`,
			`"type": "string"`,
			[]string{"GET /items/{id}: parameters path id schema type"},
		},
		"a default": {
			`"default": false`,
			`"default": true`,
			[]string{"parameters query deep schema default: the spec has false, the app true"},
		},
		"a schema's property": {
			`"name": {"type": "string"`,
			`"name": {"type": "number"`,
			[]string{"GET /items/{id}: responses 200", "POST /items: requestBody"},
		},
		"a schema's bound": {
			`"maxLength": 80`,
			`"maxLength": 90`,
			[]string{"GET /items/{id}: responses 200", "maxLength: the spec has 80, the app 90"},
		},
		"an odd property": {
			`"name": {"type": "string", "maxLength": 80}`,
			`"name": {"type": "string", "maxLength": 80}, "deleted": {"type": "string"}`,
			[]string{"properties: the app has \"deleted\""},
		},
		"required": {`"required": ["name"]`, `"required": []`, []string{"GET /items/{id}", "POST /items"}},
		"the body": {
			`"requestBody": {"required": true`,
			`"requestBody": {"required": false`,
			[]string{"POST /items: requestBody required: the spec has true, the app false"},
		},
		"an operation id": {
			`get_item`,
			`fetch_item`,
			[]string{"operationID: the spec has \"get_item\", the app \"fetch_item\""},
		},
	} {
		t.Run(name, func(t *testing.T) {
			changed := strings.Replace(base, test.old, test.new, 1)
			if test.old != "" && changed == base {
				t.Fatal("nothing was changed")
			}
			got, err := Compare("openapi.json", []byte(base), []byte(changed))
			if err != nil {
				t.Fatal(err)
			}
			if (len(got.Differences) == 0) != (test.want == nil) {
				t.Errorf("differences: %v", got.Differences)
			}
			for _, want := range test.want {
				if !mention(got.Differences, want) {
					t.Errorf("no difference says %q:\n%v", want, got.Differences)
				}
			}
		})
	}
}

func mention(differences []Difference, text string) bool {
	for _, difference := range differences {
		if strings.Contains(difference.String(), text) {
			return true
		}
	}
	return false
}

func TestCompareListsEndpointsOfBothSides(t *testing.T) {
	got, err := Compare("openapi.json", []byte(base), []byte(strings.Replace(base, `"/items": {`, `"/things": {`, 1)))
	want := []string{"GET /items/{id}", "POST /items", "POST /things"}
	if diff := cmp.Diff(want, got.Endpoints); diff != "" || err != nil {
		t.Errorf("(-want +got):\n%s%v", diff, err)
	}
}

func TestCompareRefusesBrokenSpecs(t *testing.T) {
	for name, test := range map[string]struct{ document, want string }{
		"cut off": {"{\n  \"openapi\": \"3.1.0\",\n",
			"openapi.json:2: it is not valid JSON: unexpected end of JSON input"},
		"a comma too many": {"{\n  \"openapi\": \"3.1.0\",\n}\n",
			"openapi.json:3: it is not valid JSON: invalid character '}' looking for beginning of object key string"},
		"a text that does not end": {"{\n  \"openapi\": \"3.1.0\n}\n",
			"openapi.json:2: it is not valid JSON: invalid character '\\n' in string literal"},
		"YAML": {"openapi: 3.1.0\npaths:\n  /x: {get: [}\n", "openapi.json:3: it is not valid YAML: "},
		"a wrong type": {`{"openapi": "3.1.0", "paths": "none"}`,
			"openapi.json: read the committed spec: json: cannot unmarshal string into "},
		"another document": {`{"name": "app"}`,
			"openapi.json: read the committed spec: it is not an OpenAPI 3 document"},
	} {
		_, err := Compare("openapi.json", []byte(test.document), []byte(base))
		if err == nil || !strings.HasPrefix(err.Error(), test.want) || strings.Contains(err.Error(), "yaml error") {
			t.Errorf("%s: %v\nexpected %s", name, err, test.want)
		}
	}
}

func TestChangesTellsWhatBreaksAndWhatIsNew(t *testing.T) {
	for name, test := range map[string]struct {
		old, new string
		want     []string // breaking or additive, and what
	}{
		"nothing":          {"", "", nil},
		"only texts":       {`"summary": "Get"`, `"summary": "Get it", "description": "More", "tags": ["x"]`, nil},
		"only the version": {`"version": "1.0.0"`, `"version": "2.0.0"`, nil},
		"a method": {
			`"post": {`,
			`"put": {`,
			[]string{"breaking lost `POST /items`", "additive gained `PUT /items`"},
		},
		"an endpoint more": {
			`"post": {`,
			`"delete": {"responses": {"204": {"description": "Gone"}}}, "post": {`,
			[]string{"additive gained `DELETE /items`"},
		},
		"a parameter's type": {
			`"type": "integer"`,
			`"type": "boolean"`,
			[]string{
				"breaking changed `GET /items/{id}`: for the `path` request parameter `id`, the `type` was changed",
			},
		},
		"a narrower bound": {
			`"maxLength": 80`,
			`"maxLength": 40`,
			[]string{
				"breaking changed `POST /items`: the `name` request property's maxLength was decreased",
				"additive changed `GET /items/{id}`",
			},
		},
		"an optional more": {
			`"name": {"type": "string", "maxLength": 80}`,
			`"name": {"type": "string", "maxLength": 80}, "note": {"type": "string"}`,
			[]string{
				"additive changed `POST /items`: added the new optional request property `note`",
				"additive changed `GET /items/{id}`: added the optional property `note`",
			},
		},
		"a required more": {
			`"required": ["name"], "properties": {`,
			`"required": ["name", "note"], "properties": {"note": {"type": "string"}, `,
			[]string{
				"breaking changed `POST /items`: added the new required request property `note`",
				"additive changed `GET /items/{id}`: added the required property `note`",
			},
		},
		"a parameter less": {`,
                       {"name": "deep", "in": "query", "required": false,
                        "schema": {"type": "boolean", "default": false}}`, ``, []string{
			"breaking changed `GET /items/{id}`: deleted the `query` request parameter `deep`",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			changed := strings.Replace(base, test.old, test.new, 1)
			if test.old != "" && changed == base {
				t.Fatal("nothing was changed")
			}
			found, err := Changes([]byte(base), []byte(changed))
			var got []string
			for _, change := range found {
				kind := "additive"
				if change.Breaking {
					kind = "breaking"
				}
				got = append(got, kind+" "+change.What)
			}
			ok := err == nil && len(got) == len(test.want)
			for i := range test.want {
				ok = ok && strings.HasPrefix(got[i], test.want[i])
			}
			if !ok {
				t.Errorf("%q, expected %q, %v", got, test.want, err)
			}
		})
	}
	for _, broken := range []string{"{", "null", `{"swagger": "2.0", "paths": {}}`, `{"openapi": "3.0.0"}`, ""} {
		if _, err := Changes([]byte(broken), []byte(base)); !errors.Is(err, ErrEarlier) {
			t.Errorf("%q: error %v", broken, err)
		}
		if _, err := Changes([]byte(base), []byte(broken)); err == nil || !strings.Contains(err.Error(), "later spec") {
			t.Errorf("%q: error %v", broken, err)
		}
	}
}
