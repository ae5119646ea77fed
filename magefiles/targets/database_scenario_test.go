//go:build scenario

package targets_test

import (
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
	"github.com/hughkantsime/odin-release/magefiles/internal/testkit"
	"github.com/hughkantsime/odin-release/magefiles/internal/toolchain/database"
)

// TestScenarioDatabase gets a database from each source: fresh, in UTF8, and
// gone after.
func TestScenarioDatabase(t *testing.T) {
	server := startServer(t)
	runner := &run.Runner{Env: run.Environ(os.Environ()), Out: os.Stderr}
	all := database.Sources(
		runner,
		database.Options{Scratch: testkit.Scratch(t), Image: "postgres:15", For: "scenario"},
	)
	given := database.Sources(
		runner,
		database.Options{URL: strings.Replace(server, "postgresql://", "postgresql+psycopg://", 1)},
	)
	for _, source := range append(all, given...) {
		t.Run(source.Describe(), func(t *testing.T) {
			before := leftovers(t, server)
			opened, err := database.Open(t.Context(), []database.Source{source})
			if err != nil {
				t.Fatal(err)
			}
			checkDatabase(t, opened.URL)
			if err := opened.Close(); err != nil {
				t.Error(err)
			}
			settle(t, "containers and databases", before, func() string { return leftovers(t, server) })
			if connection, err := pgx.Connect(t.Context(), opened.URL); err == nil {
				_ = connection.Close(t.Context())
				t.Error("the database is still there")
			}
		})
	}
}

func checkDatabase(t *testing.T, url string) {
	t.Helper()
	connection, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close(t.Context())
	var encoding string
	var tables int
	if err := connection.QueryRow(
		t.Context(),
		"SELECT current_setting('server_encoding'), (SELECT count(*) FROM pg_tables WHERE schemaname = 'public')",
	).
		Scan(&encoding, &tables); err != nil {
		t.Fatal(err)
	}
	if encoding != "UTF8" || tables != 0 {
		t.Errorf("encoding %s, %d tables", encoding, tables)
	}
}

// TestScenarioNoDatabase says why each source failed, and keeps the password.
func TestScenarioNoDatabase(t *testing.T) {
	t.Parallel()
	dir := sample(t)
	result := pipeline(t, dir, []string{"TEST_DATABASE_URL=mysql://app:hush@127.0.0.1/x"}, "backend:integration")
	if result.code == 0 ||
		!strings.Contains(
			result.stderr,
			"TEST_DATABASE_URL (127.0.0.1): it is not an address of the form postgresql://",
		) ||
		strings.Contains(result.stdout+result.stderr, "hush") {
		t.Errorf("exit code %d, stderr %s", result.code, result.stderr)
	}
}
