// Command database is an app for the scenarios that is an API alone and keeps
// everything in PostgreSQL. It ends when it has no database.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"github.com/jackc/pgx/v5"
)

func main() {
	ctx := context.Background()
	database, err := pgx.Connect(ctx, os.Getenv("DATABASE_URL"))
	if err == nil && os.Getenv("FORGETS") != "" {
		_, err = database.Exec(ctx, "DROP TABLE IF EXISTS records")
	}
	if err == nil {
		_, err = database.Exec(ctx, "CREATE TABLE IF NOT EXISTS records (body text)")
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
		if _, err := database.Exec(ctx, "INSERT INTO records VALUES ($1)", string(body)); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.WriteHeader(http.StatusCreated)
	})
	http.HandleFunc("GET /records", func(w http.ResponseWriter, _ *http.Request) {
		rows, _ := database.Query(ctx, "SELECT body FROM records")
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
	fmt.Println(http.ListenAndServe(":8000", nil))
}

// version is what the environment says, else the file /VERSION.
func version() string {
	if value := os.Getenv("VERSION"); value != "" {
		return value
	}
	carried, _ := os.ReadFile("/VERSION")
	return strings.TrimSpace(string(carried))
}
