package page_test

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/report"
	"github.com/hughkantsime/odin-release/magefiles/internal/report/page"
)

// Texts that would run, load or break something if the page took them for its own.
const (
	hostileScript = `</title></style><script>document.title="taken"</script>` +
		`<img src=x onerror="document.title='taken'">`
	hostileBranch = `fix/"><svg/onload=fetch('//example.org')>`
	hostileOutput = "E   assert '<b>' == ''\n\x1b[31m]]></pre><iframe src=https://example.org></iframe>{{.Key}}"
)

// sum returns a checksum that is the same in each run.
func sum(of string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(of))) }

func digest(of string) string { return "sha256:" + sum(of) }

var began = time.Date(2026, 6, 1, 9, 0, 0, 0, time.UTC)

// at returns a step that took place so many seconds after the run began.
func at(phase, name string, from, to float64, state string, needs ...string) report.Span {
	return report.Span{
		Phase: phase, Name: name, State: state, Needs: needs, Run: "1",
		Start: began.Add(time.Duration(from * float64(time.Second))),
		End:   began.Add(time.Duration(to * float64(time.Second))),
	}
}

func because(span report.Span, why string) report.Span {
	span.Why = why
	return span
}

// advisory returns a step whose check is advisory, with so many findings.
func advisory(span report.Span, findings int) report.Span {
	span.Advisory = findings
	return span
}

// steps returns those of a release in which a suite was reused.
func steps() []report.Span {
	return []report.Span{
		at("plan", "version and changelog", 0, 0.9, report.Done),
		at("plan", "preflight", 0.9, 2.1, report.Done, "version and changelog"),
		at("plan", "builder", 2.1, 2.5, report.Done, "preflight"),
		at("plan", "base images", 2.5, 2.6, report.Done, "builder"),
		at("lint", "backend:lint", 2.8, 4.4, report.Done),
		advisory(at("lint", "backend:typeCheck", 2.8, 52.4, report.Done), 1),
		at("lint", "frontend:lint", 4.4, 30.7, report.Done),
		because(at("lint", "frontend:typeCheck", 30.7, 30.71, report.Reused),
			"unchanged, reused from 3 minutes ago (12.0 s)"),
		at("test", "backend:unit", 52.6, 100.3, report.Done),
		at("test", "backend:integration", 52.6, 94.8, report.Done),
		because(at("test", "frontend:test", 94.8, 94.81, report.Reused),
			"unchanged, reused from 3 minutes ago (20.4 s)"),
		at("test", "backend:contract", 100.3, 108.6, report.Done),
		at("build", "frontend:build", 108.7, 114.1, report.Done),
		at("build", "backend:vendor", 108.7, 116.4, report.Done),
		at("build", "vendor.tar.gz", 116.4, 118.0, report.Done, "backend:vendor"),
		at("build", "openapi.json", 114.1, 118.9, report.Done),
		at("build", "sbom.spdx.json", 118.0, 119.2, report.Done),
		at("build", "image:build", 119.2, 140.9, report.Done, "backend:vendor", "sbom.spdx.json"),
		at("build", "checksums", 140.9, 141.2, report.Done, "frontend:build", "backend:vendor", "vendor.tar.gz",
			"openapi.json", "sbom.spdx.json", "image:build"),
		at("publish", "publish as a draft", 141.2, 143.6, report.Done),
		at("verify", "verify linux/amd64", 143.7, 161.0, report.Done),
		at("verify", "verify linux/arm64", 143.7, 174.8, report.Done),
		at("verify", "record that it is healthy", 174.8, 175.1, report.Done, "verify linux/amd64",
			"verify linux/arm64"),
		at("promote", "make it public", 175.1, 176.9, report.Done),
		at("notify", "notify others", 176.9, 178.3, report.Done),
	}
}

// sample returns a release of the sample app.
func sample() page.Report {
	return page.Report{
		Key: "0123456789abcdef", App: "runsodin", Target: "release", State: report.Done,
		Run:     "https://github.com/hughkantsime/runsodin/actions/runs/1",
		Release: sampleRelease(), Steps: steps(), Checks: sampleChecks(), Suites: sampleSuites(),
		Last:  page.Last{Tag: "v1.7.2", Source: "as it was released"},
		Image: sampleImage(), Packages: samplePackages(), Files: sampleFiles(), Verify: sampleCommands(),
		Notes: sampleNotes,
	}
}

func sampleRelease() *page.Release {
	return &page.Release{
		Version: "1.7.3", Tag: "v1.7.3", Commit: "3009d8d9008c11e273f598c28a24273fdeda4867", Branch: "main",
		Repository: "https://github.com/hughkantsime/runsodin",
		Address:    "https://github.com/hughkantsime/runsodin/releases/tag/v1.7.3",
		CommitTime: time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC), Previous: "v1.7.2", Commits: 8,
		Source: "the tag at HEAD; nothing has changed since",
		Verdict: "v1.7.3 is a patch release, but 2 changes ask for a minor release, such as: the API gained " +
			"`PATCH /api/v1/printers/{printer_id}`",
		Is: "patch", Asks: "minor", Latest: "moves from 1.7.2 to 1.7.3", People: []string{"Ada", "Grace"},
		Evidence: []page.Evidence{
			{"commits", "minor", "feat(api): change printers with `PATCH` — only what is mentioned (#41)", "6235840"},
			{"api", "minor", "the API gained `PATCH /api/v1/printers/{printer_id}`", "backend/openapi.json"},
			{"migrations", "patch", "a migration creates the unique index ix_printers_lower_name on printers: " +
				"duplicate rows make it fail", "backend/migrations/versions/0003_printer_nozzle.py:24"},
		},
		Upgrade: []page.Upgrade{{
			Text:    "migrate the database: `0003`, A printer's nozzle, and names that are unique whatever their case",
			Details: []string{"adds the column printers.nozzle_mm"},
			Command: "docker compose run --rm odin python3 -m alembic upgrade 0003",
		}},
	}
}

func sampleChecks() []page.Check {
	return []page.Check{
		{Name: "backend:lint"},
		{Name: "backend:typeCheck", Findings: []page.Finding{{Finding: report.Finding{
			File: "backend/app/main.py", Line: 9, Severity: report.Error, Code: "name-defined",
			Message: `Name "printers" is not defined`, Tolerated: report.Advisory,
		}}}},
		{Name: "frontend:lint", Findings: []page.Finding{{
			Finding: report.Finding{
				File:     "frontend/src/components/PrinterName.tsx",
				Line:     21,
				Column:   7,
				Severity: report.Warning,
				Code:     "react-hooks/exhaustive-deps",
				Message:  "React Hook useEffect has a missing dependency: 'rename'.",
			},
			Source: []page.Line{
				{19, "  useEffect(() => {", false}, {20, "    if (draft !== name) rename(draft)", false},
				{21, "  }, [draft, name])", true}, {22, "", false},
				{23, "  return <input value={draft} onChange={(event) => setDraft(event.target.value)} />", false},
			},
		}}},
		{Name: "frontend:typeCheck"},
	}
}

func sampleSuites() []page.Suite {
	suite := func(name string, count int, slowest time.Duration, names ...string) page.Suite {
		made := page.Suite{Name: name}
		for i := range count {
			made.Cases = append(made.Cases, page.Case{
				Name: strings.TrimSpace(names[i%len(names)] + " " + strings.Repeat("i", i/len(names))),
				Time: slowest / time.Duration(i+1), Skipped: i == 11,
			})
		}
		return made
	}
	return []page.Suite{
		suite(
			"backend:unit",
			57,
			2310*time.Millisecond,
			"tests.unit.test_monitor test_a_printer_that_is_silent_is_offline",
			"tests.unit.test_frontend test_every_page_is_the_app[/printers/7]",
		),
		suite("backend:integration", 18, 6420*time.Millisecond,
			"tests.integration.test_migrations test_down_and_up_again",
			"tests.integration.test_printers test_names_are_unique_whatever_their_case"),
		suite("frontend:test", 16, 840*time.Millisecond, "src/App.test.tsx renames a printer in place"),
		suite("backend:contract", 7, 40*time.Millisecond, "GET /api/v1/printers"),
	}
}

func sampleImage() *page.Image {
	layers := []page.Layer{
		{digest("5a9d"), "debian:bookworm-slim", 28_200_000, true},
		{digest("a791"), "RUN apt-get install supervisor nginx-light",
			17_900_000, true},
		{digest("4e0a"),
			"RUN python3 -m pip install --no-index --find-links=/vendor -r requirements.lock", 24_100_000, false},
		{digest("890e"), "COPY backend/ /app/backend/", 361_000, false},
		{digest("69a2"), "COPY frontend/dist/ /app/frontend/",
			71_000, false},
	}
	return &page.Image{
		Name:   "ghcr.io/hughkantsime/runsodin",
		Digest: digest("deac"),
		Platforms: []page.Platform{
			{"linux/amd64", digest("ca49"), 70_631_975, 69_412_004,
				"healthy, also on the data of 1.7.2", layers, true},
			{"linux/arm64", digest("fbf9"), 69_832_416, 69_832_416,
				"healthy, also on the data of 1.7.2", layers[:2], true},
		},
	}
}

func samplePackages() *page.Packages {
	return &page.Packages{
		Count: 54, Compared: true, Before: 53,
		Added:   []page.Package{{"pypi", "python-multipart", "0.0.20", "Apache-2.0"}},
		Changed: []page.Change{{"pypi", "fastapi", "0.121.0", "0.121.3"}, {"npm", "react", "19.3.0", "19.3.1"}},
	}
}

func sampleFiles() []page.File {
	return []page.File{
		{"checksums.txt", sum("8461"), 406, 406},
		{"frontend.tar.gz", sum("3726"), 71_124, 69_980},
		{"openapi.json", sum("410e"), 16_368, 14_112},
		{"requirements.lock", sum("4e88"), 40_852, 40_120},
		{"sbom.spdx.json", sum("3f13"), 17_959, 17_601},
		{"vendor.tar.gz", sum("8263"), 26_029_041, 0},
	}
}

func sampleCommands() []page.Command {
	image := "ghcr.io/hughkantsime/runsodin@" + digest("deac")
	return []page.Command{
		{"The files are those of the release:",
			"gh release download v1.7.3 --repo hughkantsime/runsodin\nsha256sum --check checksums.txt"},
		{"The registry has this image:", "docker buildx imagetools inspect " + image},
		{"The release workflow built it:", "gh attestation verify oci://" + image + " --repo hughkantsime/runsodin"},
	}
}

const sampleNotes = `## Upgrading

- migrate the database: ` + "`0003`" + `, A printer's nozzle, and names that are unique whatever their case

  ` + "```sh\n  docker compose run --rm odin python3 -m alembic upgrade 0003\n  ```" + `

## Features

- **frontend:** rename a printer in place, and show its nozzle ([#44](https://github.com/hughkantsime/runsodin/pull/44))
- **api:** change printers with ` + "`PATCH`" + ` — only what is mentioned ([#41](https://github.com/hughkantsime/runsodin/pull/41))

## Bug fixes

- **database/models:** names are unique whatever their case
`

// hostile returns a failed run whose every text is hostile.
func hostile() page.Report {
	r := sample()
	r.State, r.Target, r.App = report.Failed, "releaseCheck", "app "+hostileScript
	r.Error = "test failed: backend:unit: " + hostileOutput
	r.Release.Branch, r.Release.Verdict, r.Release.People = hostileBranch, hostileScript, []string{hostileScript}
	r.Release.Repository = "javascript:alert(1)//"
	r.Release.Address = "javascript:alert(1)"
	r.Release.Evidence = []page.Evidence{
		{"commits", "minor", "feat: `" + hostileScript + "` and " + hostileScript, "125f5d8"},
	}
	r.Release.Upgrade = []page.Upgrade{{Text: hostileScript, Details: []string{hostileScript}, Command: hostileScript}}
	r.Steps = []report.Span{
		at("lint", "backend:lint", 0, 3, report.Done),
		because(at("test", "backend:unit", 3, 9, report.Failed, "backend:lint"), hostileOutput),
		at("test", hostileScript, 3, 5, report.Done),
		{Phase: "build", Name: "image:build", State: report.NotRun},
	}
	r.Checks = []page.Check{{Name: hostileScript, Findings: []page.Finding{{
		Finding: report.Finding{File: "a/<b>.py", Line: 3, Severity: report.Error, Code: "<i>", Message: hostileScript},
		Source:  []page.Line{{3, "print('</pre>" + hostileScript + "')", true}},
	}}}}
	r.Suites = []page.Suite{{Name: "backend:unit", Cases: []page.Case{
		{Name: "test_passes", Time: time.Second},
		{Name: hostileScript, Time: 2 * time.Second, Failed: true, Message: hostileScript, Output: hostileOutput},
	}}}
	r.Image.Platforms[0].Layers = []page.Layer{{"sha256:00", hostileScript, 1, false}}
	r.Packages.Added = []page.Package{{"npm", hostileScript, "1", hostileScript}}
	r.Files = []page.File{{Name: hostileScript}}
	r.Verify = []page.Command{{"x", hostileScript}}
	r.Notes = hostileScript + "\n\n![pixel](https://example.org/p.png) [link](javascript:alert(1))\n" +
		"<img src=https://example.org/q.png>\n\n- <script>document.title='taken'</script>\n"
	return r
}
