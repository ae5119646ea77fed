package publish

import "context"

// Complete makes sure that a proven release has its state as a file, and that what is
// attached to its image is still there, as Promote does first of all.
func Complete(ctx context.Context, r Release) error {
	shared := &published{release: r, tools: toolsOf(r)}
	if err := shared.require(ctx); err != nil {
		return err
	}
	if !shared.state.healthy() {
		return nil // Promote says why
	}
	return ensure(ctx, shared.tools.policy, append(shared.attachingState(), shared.signed()...)...)
}
