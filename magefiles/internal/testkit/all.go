package testkit

import "os"

// All tells whether every matrix is run in full, as scripts/test all does.
// Otherwise a sample of it is.
func All() bool { return os.Getenv("ODIN_RELEASE_TEST") == "all" }
