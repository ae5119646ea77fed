// Command database is an app for the scenarios that only has an API and stores everything in PostgreSQL. It exits
// if it has no database. MIGRATION names the change that this version makes to its table.
package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"github.com/jackc/pgx/v5"
)

// migration is a change of the table, and the statements that depend on it; "" means the statements from before.
type migration struct{ run, read, insert string }

var migrations = map[string]migration{
	"nullable": {run: "ALTER TABLE records ADD COLUMN note text"},
	"default":  {run: "ALTER TABLE records ADD COLUMN note text NOT NULL DEFAULT 'none'"},
	"rename": {
		run:    "ALTER TABLE records RENAME COLUMN name TO title",
		read:   "SELECT body FROM records WHERE title <> ''",
		insert: "INSERT INTO records (body, title) VALUES ($1, $1)",
	},
	"drop": {
		run:    "ALTER TABLE records DROP COLUMN name",
		read:   "SELECT body FROM records",
		insert: "INSERT INTO records (body) VALUES ($1)",
	},
	"required": { // an older version does not set it
		run: "ALTER TABLE records ADD COLUMN note text NOT NULL DEFAULT 'none';" +
			"ALTER TABLE records ALTER COLUMN note DROP DEFAULT",
		insert: "INSERT INTO records (body, name, note) VALUES ($1, $1, 'new')",
	},
	"unique": { // an older version answers a duplicate with a server error
		run: "CREATE UNIQUE INDEX IF NOT EXISTS records_name ON records (name)",
	},
}

func main() {
	ctx := context.Background()
	database, err := pgx.Connect(ctx, os.Getenv("DATABASE_URL"))
	if err == nil && os.Getenv("FORGETS") != "" {
		_, err = database.Exec(ctx, "DROP TABLE IF EXISTS records")
	}
	if err == nil {
		_, err = database.Exec(ctx, "CREATE TABLE IF NOT EXISTS records (body text, name text)")
	}
	change := migrations[os.Getenv("MIGRATION")]
	if err == nil && change.run != "" {
		_, err = database.Exec(ctx, change.run)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "no database:", err)
		os.Exit(4)
	}
	http.HandleFunc("/health", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"version": %q}`, version())
	})
	http.HandleFunc("POST /records", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if _, err := database.Exec(ctx, cmp.Or(change.insert, "INSERT INTO records (body, name) VALUES ($1, $1)"),
			string(body)); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.WriteHeader(http.StatusCreated)
	})
	http.HandleFunc("GET /records", func(w http.ResponseWriter, _ *http.Request) {
		rows, _ := database.Query(ctx, cmp.Or(change.read, "SELECT body FROM records WHERE name <> ''"))
		bodies, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		list := []json.RawMessage{}
		for _, body := range bodies {
			list = append(list, json.RawMessage(body))
		}
		_ = json.NewEncoder(w).Encode(list)
	})
	if change.run != "" { // only this version has it
		http.HandleFunc("GET /changed", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "{}") })
	}
	fmt.Println(http.ListenAndServe(":8000", nil))
}

// version returns the version from the environment, or else from the file /VERSION.
func version() string {
	if value := os.Getenv("VERSION"); value != "" {
		return value
	}
	carried, _ := os.ReadFile("/VERSION")
	return strings.TrimSpace(string(carried))
}
