package frontend

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/hughkantsime/odin-release/magefiles/internal/artifact/sbom"
)

// A person is an object or a text, with a name, an address and a page, each of which may be missing.
func TestPersonOf(t *testing.T) {
	for text, want := range map[string]sbom.Supplier{
		`"Ada Lovelace"`: {Name: "Ada Lovelace"},
		`"Ada Lovelace <ada@example.org> (https://example.org)"`:   {Name: "Ada Lovelace", Email: "ada@example.org"},
		`"Ada (https://example.org) <ada@example.org>"`:            {Name: "Ada", Email: "ada@example.org"},
		`"Ada<ada@example.org>"`:                                   {Name: "Ada", Email: "ada@example.org"},
		`"<ada@example.org>"`:                                      {Name: "ada@example.org"},
		`"Ada <not an address>"`:                                   {Name: "Ada"},
		`"Ada <ada@example.org"`:                                   {Name: "Ada"},
		`"Ada <a@(b)>"`:                                            {Name: "Ada"},
		`"(https://example.org)"`:                                  {},
		`" Ada\n  L. "`:                                            {Name: "Ada L."},
		`{"name": "Ada", "email": "ada@example.org"}`:              {Name: "Ada", Email: "ada@example.org"},
		`{"name": "Ada <ada@example.org>", "url": "https://x"}`:    {Name: "Ada", Email: "ada@example.org"},
		`{"name": "Ada <ada@example.org>", "email": "a@b.org"}`:    {Name: "Ada", Email: "a@b.org"},
		`{"email": "ada@example.org"}`:                             {Name: "ada@example.org"},
		`{"name": 7, "email": ["a@b.org"]}`:                        {},
		`[{"url": "https://x"}, "Bob <bob@example.org>", "Carol"]`: {Name: "Bob", Email: "bob@example.org"},
		`[]`:   {},
		`7`:    {},
		`null`: {},
	} {
		var value any
		if err := json.Unmarshal([]byte(text), &value); err != nil {
			t.Fatal(err)
		}
		if got := personOf(value); got != want {
			t.Errorf("%s: %+v, expected %+v", text, got, want)
		}
	}
}

func FuzzPersonOf(f *testing.F) {
	f.Add(`"Ada Lovelace <ada@example.org> (https://example.org)"`)
	f.Add(`{"name": "Ada <a@b>", "email": "c@d"}`)
	f.Add(`[[["<a@b>"]], {"email": "(@"}]`)
	f.Fuzz(func(t *testing.T, text string) {
		var value any
		if json.Unmarshal([]byte(text), &value) != nil {
			return
		}
		got := personOf(value)
		if strings.ContainsAny(got.Name, "<(\r\n\t") || got.Name != strings.TrimSpace(got.Name) ||
			strings.ContainsAny(got.Email, "<>() \r\n\t") || got.Name == "" && got.Email != "" {
			t.Errorf("%q: %+v", text, got)
		}
	})
}
