package checks

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/work"
	"github.com/hughkantsime/odin-release/magefiles/internal/report"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
	"github.com/hughkantsime/odin-release/magefiles/internal/toolchain/contract"
	"github.com/hughkantsime/odin-release/magefiles/internal/toolchain/junit"
)

// SpecFile is the path below dist of the OpenAPI document that the app generates in a contract suite.
const SpecFile = "test/openapi.json"

// compareContract compares the committed OpenAPI spec with the app's own routes and reports one test case per
// endpoint. The findings are the differences.
func compareContract(
	ctx context.Context, place work.Place, suite app.Step, junitFile string,
) ([]report.Finding, error) {
	start := time.Now()
	config := place.App.Config.Contract
	actual, err := Spec(ctx, place, suite)
	if err != nil {
		return nil, run.Named(suite.Name, err)
	}
	copied, err := place.App.Dist(SpecFile)
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(copied, actual, 0o644); err != nil {
		return nil, err
	}
	if config.Spec.Absent != "" { // the app could be imported, and nothing else is expected of it
		alone, err := contract.Compare(SpecFile, actual, actual)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", suite.Name, err)
		}
		return nil, junit.Write(junitFile, suite.Name, cases(alone), time.Since(start))
	}
	spec := config.Spec.Value
	committed, err := os.ReadFile(place.Source.Path(spec))
	if err != nil {
		return nil, fmt.Errorf(
			"%s: %w; to commit the app's own spec: cp %s %s; or say in contract.spec of %s why none is: "+
				"{absent: why}",
			suite.Name,
			err,
			place.App.Rel(copied),
			spec,
			app.ConfigFile,
		)
	}
	comparison, err := contract.Compare(spec, committed, actual)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", suite.Name, err)
	}
	if err := junit.Write(junitFile, suite.Name, cases(comparison), time.Since(start)); err != nil {
		return nil, err
	}
	return differences(spec, committed, comparison), explain(place, suite, copied, comparison)
}

// differences returns the differences as findings in the committed spec.
func differences(spec string, committed []byte, comparison contract.Comparison) []report.Finding {
	findings := make([]report.Finding, 0, len(comparison.Differences))
	for _, difference := range comparison.Differences {
		findings = append(findings, report.Finding{File: spec, Line: contract.Line(committed, difference.Where),
			Severity: report.Error, Message: difference.String()})
	}
	return findings
}

// explain lists the differences, and says how to accept them.
func explain(place work.Place, suite app.Step, actual string, comparison contract.Comparison) error {
	spec := place.App.Config.Contract.Spec.Value
	for _, difference := range comparison.Differences {
		fmt.Fprintf(place.Run.Out, "%s │ %s: %s\n", suite.Name, spec, difference)
	}
	if len(comparison.Differences) == 0 {
		fmt.Fprintf(place.Run.Out, "%s │ %d endpoints, all as %s says\n", suite.Name, len(comparison.Endpoints), spec)
		return nil
	}
	places := "1 place"
	if count := len(comparison.Differences); count > 1 {
		places = fmt.Sprintf("%d places", count)
	}
	return fmt.Errorf("%s differs from the app's routes in %s; if the app is right, accept its spec: cp %s %s",
		spec, places, place.App.Rel(actual), spec)
}

// cases returns one test case for each endpoint, and for each other part of the document that differs.
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

// Spec generates the app's OpenAPI document, for a suite.
func Spec(ctx context.Context, place work.Place, suite app.Step) ([]byte, error) {
	config := place.App.Config.Contract
	bin, err := place.Backend.Environment(ctx, suite.Name, config.Environment)
	if err != nil {
		return nil, err
	}
	return contract.Spec(
		ctx,
		place.Run,
		place.Scratch,
		config,
		suite.Name,
		place.Source.Root,
		filepath.Join(
			bin,
			"python",
		),
		append(place.Backend.Environ(bin), suite.Environ()...),
		time.Duration(suite.Timeout),
	)
}
