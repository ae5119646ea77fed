// Package scripts carries the scripts that the pipeline itself may run.
package scripts

import _ "embed"

// Engine is scripts/engine: it gives a Debian or Ubuntu machine a container
// engine with Buildx.
//
//go:embed engine
var Engine []byte
