package targets

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/report"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
	"github.com/hughkantsime/odin-release/magefiles/internal/toolchain/contract"
	"github.com/hughkantsime/odin-release/magefiles/internal/toolchain/junit"
)

// contract compares the committed OpenAPI spec with the app's own routes and
// reports one test case per endpoint.
func (p *pipeline) contract(ctx context.Context, suite app.Step, junitFile string) error {
	start := time.Now()
	config := p.app.Config.Contract
	actual, err := p.spec(ctx, suite)
	if err != nil {
		return run.Named(suite.Name, err)
	}
	copied, err := p.app.Dist("test", "openapi.json")
	if err != nil {
		return err
	}
	if err := os.WriteFile(copied, actual, 0o644); err != nil {
		return err
	}
	committed, err := os.ReadFile(p.source.Path(config.Spec))
	if err != nil {
		return fmt.Errorf(
			"%s: %w; to commit the app's own spec: cp %s %s",
			suite.Name,
			err,
			p.app.Rel(copied),
			config.Spec,
		)
	}
	comparison, err := contract.Compare(committed, actual)
	if err != nil {
		return fmt.Errorf("%s: %w", suite.Name, err)
	}
	if err := junit.Write(junitFile, suite.Name, cases(comparison), time.Since(start)); err != nil {
		return err
	}
	p.annotate(ctx, suite.Name, differences(config.Spec, committed, comparison))
	return p.explain(suite, config.Spec, copied, comparison)
}

// differences are what differs, as findings in the committed spec.
func differences(spec string, committed []byte, comparison contract.Comparison) []report.Finding {
	var findings []report.Finding
	for _, difference := range comparison.Differences {
		findings = append(
			findings,
			report.Finding{
				File:     spec,
				Line:     contract.Line(committed, difference.Where),
				Severity: report.Error,
				Message:  difference.String(),
			},
		)
	}
	return findings
}

// explain names each difference and how to accept it.
func (p *pipeline) explain(suite app.Step, spec, actual string, comparison contract.Comparison) error {
	for _, difference := range comparison.Differences {
		fmt.Fprintf(p.out, "%s │ %s: %s\n", suite.Name, spec, difference)
	}
	if len(comparison.Differences) == 0 {
		fmt.Fprintf(p.out, "%s │ %d endpoints, all as %s says\n", suite.Name, len(comparison.Endpoints), spec)
		return nil
	}
	accept := fmt.Sprintf("cp %s %s", p.app.Rel(actual), spec)
	fmt.Fprintf(p.out, "%s │ If the app is right, accept its spec: %s\n", suite.Name, accept)
	return fmt.Errorf(
		"%s: %s differs from the app's routes in %d places",
		suite.Name,
		spec,
		len(comparison.Differences),
	)
}

// cases makes one test case of each endpoint, and of each other part of the
// document that differs.
func cases(comparison contract.Comparison) []junit.Case {
	failures := map[string][]string{}
	names := comparison.Endpoints
	for _, difference := range comparison.Differences {
		if !strings.Contains(difference.Where, " ") && failures[difference.Where] == nil {
			names = append(names, difference.Where)
		}
		failures[difference.Where] = append(failures[difference.Where], difference.What)
	}
	list := make([]junit.Case, 0, len(names))
	for _, name := range names {
		list = append(list, junit.Case{Name: name, Failure: strings.Join(failures[name], "; ")})
	}
	return list
}

// spec asks the app for its OpenAPI document, for a suite.
func (p *pipeline) spec(ctx context.Context, suite app.Step) ([]byte, error) {
	config := p.app.Config.Contract
	bin, err := p.backend.Environment(ctx, suite.Name, config.Environment)
	if err != nil {
		return nil, err
	}
	return contract.Spec(ctx, p.run, p.scratch, config, suite.Name, p.source.Root, filepath.Join(bin, "python"),
		append(p.backend.Environ(bin), suite.Environ()...), time.Duration(suite.Timeout))
}
