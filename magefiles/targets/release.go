package targets

import "context"

// ReleaseCheck does all of a release but publish it: version, lint, test, build.
// No tracked file changes.
func ReleaseCheck(ctx context.Context, tag *string) error {
	return inApp(ctx, func(ctx context.Context, p *pipeline) error { return p.releaseCheck(ctx, tag) })
}

func (p *pipeline) releaseCheck(ctx context.Context, tag *string) error {
	var prepared release
	var built artifacts
	err := p.inOrder(ctx,
		phase{"plan", func(ctx context.Context) (err error) {
			if prepared, err = p.prepare(ctx, tag); err != nil {
				return err
			}
			_, err = p.engine(ctx) // before any time is spent on what could not be built
			return err
		}},
		phase{"lint", func(ctx context.Context) error { return p.lint(ctx, p.app.Config.Checks) }},
		phase{"test", func(ctx context.Context) error { return p.test(ctx, p.app.Config.Suites) }},
		phase{"build", func(ctx context.Context) (err error) { built, err = p.build(ctx, prepared); return err }},
	)
	if err != nil {
		return err
	}
	p.artifactTable(prepared.plan, built)
	return nil
}
