package simulation

import "context"

const (
	repository = "hughkantsime/runsodin"
	token      = "ghp_t0kenOfTheSimulation0123456789abcdef"
	webhook    = "100000000000000001/webh00k_of-the-simulation"
)

var noContext = context.Background()
