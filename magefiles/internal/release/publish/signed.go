package publish

import "context"

// Signed makes sure that what is attached to the image of a proven release is still there, as
// Promote does first of all.
func Signed(ctx context.Context, r Release) error {
	shared := &published{release: r, tools: toolsOf(r)}
	if err := shared.require(ctx); err != nil {
		return err
	}
	if !shared.state.healthy() {
		return nil // Promote says why
	}
	return ensure(ctx, shared.tools.policy, shared.signed()...)
}
