package testkit

import "os"

// All reports whether every test matrix runs in full, as with scripts/test all.
// Otherwise a sample of it runs.
func All() bool { return os.Getenv("ODIN_RELEASE_TEST") == "all" }
