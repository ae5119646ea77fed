// Pack packs the files of a folder into a gzipped tar: pack DIR FILE SECONDS. The packed files have the time
// SECONDS since 1970, so the same files always give the same archive.
package main

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/artifact"
)

func main() {
	if err := pack(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "pack:", err)
		os.Exit(1)
	}
}

func pack(args []string) error {
	if len(args) != 3 {
		return errors.New("usage: pack DIR FILE SECONDS")
	}
	seconds, err := strconv.ParseInt(args[2], 10, 64)
	if err != nil {
		return fmt.Errorf("%q is not a number of seconds", args[2])
	}
	return artifact.Archive(args[0], args[1], time.Unix(seconds, 0))
}
