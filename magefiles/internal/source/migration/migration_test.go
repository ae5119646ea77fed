package migration_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/hughkantsime/odin-release/magefiles/internal/source/migration"
)

// listing formats operations as "line grade what", one per line.
func listing(operations []migration.Operation) string {
	var b strings.Builder
	for _, each := range operations {
		fmt.Fprintf(&b, "%d %s: %s\n", each.Line, each.Grade, each.What)
	}
	return b.String()
}

type example struct {
	name    string
	content string
	want    []string // as listing shows them
}

// read reads contents as files of one kind, with one start of Python.
func read(t *testing.T, file string, contents ...string) []migration.Migration {
	t.Helper()
	var files []migration.File
	for _, content := range contents {
		files = append(files, migration.File{Path: file, Content: []byte(content)})
	}
	got, err := migration.Read(t.Context(), python, files...)
	if err != nil {
		t.Fatal(err)
	}
	for i, content := range contents {
		check(t, content, got[i])
	}
	return got
}

func run(t *testing.T, file string, examples []example) {
	t.Helper()
	var contents []string
	for _, each := range examples {
		contents = append(contents, each.content)
	}
	got := read(t, file, contents...)
	for i, each := range examples {
		t.Run(each.name, func(t *testing.T) {
			want := strings.Join(each.want, "\n")
			if diff := cmp.Diff(want, strings.TrimSuffix(listing(got[i].Operations), "\n")); diff != "" {
				t.Errorf("%.300s\n(-want +got):\n%s\n%s", each.content, diff, got[i].Unread)
			}
		})
	}
}

// check checks what must be true for every migration.
func check(t *testing.T, content string, got migration.Migration) {
	t.Helper()
	content = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(content)
	lines := strings.Count(content, "\n") + 1
	before := 1
	for _, each := range got.Operations {
		if each.Line < before || each.Line > lines {
			t.Errorf("%+v is out of order, or of the %d lines", each, lines)
		}
		before = each.Line
		if each.What == "" || (each.Why == "") != (each.Grade == migration.Harmless) {
			t.Errorf("%+v lacks a text, or has one too many", each)
		}
		oneLine(t, each.What)
		oneLine(t, each.Why)
	}
	oneLine(t, got.Title)
	oneLine(t, got.Revision)
}

func oneLine(t *testing.T, text string) {
	t.Helper()
	if !utf8.ValidString(text) || utf8.RuneCountInString(text) > 240 ||
		strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
		t.Errorf("%q is not a short line", text)
	}
}

func TestReadSample(t *testing.T) {
	folder := filepath.Join("..", "..", "rehearsal", "sample", "backend", "migrations", "versions")
	for file, want := range map[string]migration.Migration{
		"0001_printers.py": {Revision: "0001", Title: "The printers.", Operations: []migration.Operation{
			{Line: 17, What: "creates the table printers", Grade: migration.Harmless},
			{Line: 30, What: "creates the unique index ix_printers_name on printers", Grade: migration.Harmless},
		}},
		"0002_printer_materials.py": {
			Revision: "0002", Title: "What a printer can print, and an index for the filter on its status.",
			Operations: []migration.Operation{
				{Line: 18, What: "adds the column printers.materials", Grade: migration.Harmless},
				{Line: 27, What: "creates the index ix_printers_status on printers", Grade: migration.Harmless},
			},
		},
		"0003_printer_nozzle.py": {
			Revision: "0003", Title: "A printer's nozzle, and names that are unique whatever their case.",
			Operations: []migration.Operation{
				{Line: 21, What: "adds the column printers.nozzle_mm", Grade: migration.Harmless},
				{Line: 23, What: "drops the index ix_printers_name of printers", Grade: migration.Harmless},
				{
					Line: 24, What: "creates the unique index ix_printers_lower_name on " +
						"printers", Grade: migration.Risky,
					Why: "duplicate rows make it fail, and the older version may still write such rows",
				},
				{
					Line: 47, What: "changes rows of the table printers", Grade: migration.Risky,
					Why: "their previous values are lost",
				},
			},
		},
	} {
		content, err := os.ReadFile(filepath.Join(folder, file))
		if err != nil {
			t.Fatal(err)
		}
		got := read(t, file, string(content))[0]
		if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(migration.Migration{}, "After")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", file, diff)
		}
	}
}

func TestReadKinds(t *testing.T) {
	for path, want := range map[string]int{
		"a.sql": 1, "a/B.SQL": 1, "x.up.sql": 1, "x.down.sql": 0, "a/down.sql": 0, "a.py": 1, "A.PY": 1,
	} {
		if got := read(t, path, "DROP TABLE x")[0]; len(got.Operations) != want {
			t.Errorf("%s: %d operations; expected %d", path, len(got.Operations), want)
		}
	}
	for _, path := range []string{"", "a", "sql", "a.txt", "a.py.bak", "README.md"} {
		_, err := migration.Read(t.Context(), python, migration.File{Path: path})
		if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("%q", path)) {
			t.Errorf("%q: error %v", path, err)
		}
	}
}

func TestTitle(t *testing.T) {
	examples := []struct{ file, content, title, revision string }{
		{"a.py", `"""add a column"""`, "add a column", ""},
		{
			"a.py",
			"#!/usr/bin/env python\n# coding\n'''\n\n  Add it.  \nmore\n'''\nrevision: str = 'abc'\n",
			"Add it.",
			"abc",
		},
		{"a.py", "from __future__ import annotations\n\"\"\"late\"\"\"\nrevision = \"1\" \"2\"", "", "12"},
		{"a.py", `r"""raw \d"""`, `raw \d`, ""},
		{"a.py", "def f():\n    revision = 'no'\n", "", ""},
		{"a.py", "# revision = '1'\nrevision = compute()\n", "", ""},
		{"a.py", "\uFEFF\"\"\"\x1b[31mred\u202e and\ttab\"\"\"\r\n", "[31mred and tab", ""},
		{"a.py", "", "", ""},
		{"a.sql", "-- Add the nozzle\nSELECT 1;", "Add the nozzle", ""},
		{"a.sql", "\n\n-- ======\n--  The second --\nSELECT 1;", "The second", ""},
		{"a.sql", "-- core/migrations/004_orders.sql\n-- v1.8.8: orders\n--\n", "v1.8.8: orders", ""},
		{"a.sql", "/*\n * A block\n * comment\n */", "A block comment", ""},
		{"a.sql", "-- +goose Up\n-- what it does\nSELECT 1;", "what it does", ""},
		{
			"a.sql",
			"-- Printers have a nozzle now, so that jobs\n-- can be matched to them. What follows\n-- copies it.\n" +
				"SELECT 1;",
			"Printers have a nozzle now, so that jobs can be matched to them.",
			"",
		},
		{
			"a.sql",
			"-- Move the orders of the\r\n-- Etsy shop to v1.9 of the schema\r\n--\r\n-- more\r\nSELECT 1;",
			"Move the orders of the Etsy shop to v1.9 of the schema",
			"",
		},
		{"a.sql", "-- Orders\n-- Ada, 2026\nSELECT 1;", "Orders", ""},
		{"a.sql", "-- what it does, and\n-- migrate:up\nSELECT 1;", "what it does, and", ""},
		{"a.sql", "/* Add a column,\n * e.g. a nozzle. More. */", "Add a column, e.g. a nozzle.", ""},
		{"a.sql", "-- one\n\n-- two\nSELECT 1;", "one", ""},
		{"a.sql", "SELECT 1; -- trailing\n-- late", "", ""},
		{"a.sql", "-- +goose Up\nSELECT 1", "", ""},
	}
	var files []migration.File
	for _, each := range examples {
		files = append(files, migration.File{Path: each.file, Content: []byte(each.content)})
	}
	got, err := migration.Read(t.Context(), python, files...)
	if err != nil {
		t.Fatal(err)
	}
	for i, each := range examples {
		check(t, each.content, got[i])
		if got[i].Title != each.title || got[i].Revision != each.revision {
			t.Errorf(
				"%q: title %q, revision %q; expected %q, %q",
				each.content,
				got[i].Title,
				got[i].Revision,
				each.title,
				each.revision,
			)
		}
	}
}
