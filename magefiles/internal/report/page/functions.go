package page

import (
	"fmt"
	"html/template"
	"strings"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/report"
)

// functions are the functions that the templates call.
var functions = template.FuncMap{
	"code": coded, "clip": clip, "seconds": report.Seconds, "size": report.Size, "delta": delta, "plural": plural,
	"short":   short,
	"percent": func(x float64) string { return fmt.Sprintf("%.2f%%", x) },
	"millis":  func(d time.Duration) string { return fmt.Sprintf("%.3f", float64(d.Nanoseconds())/1e6) },
	"quick":   quick,
	"day":     func(t time.Time) string { return t.UTC().Format("2 January 2006") },
	"css":     func(state string) string { return strings.ReplaceAll(state, " ", "-") },
	"add":     func(a, b int) int { return a + b }, "share": share,
	"icon":        icon,
	"firstLayers": first[Layer], "firstPackages": first[Package], "firstChanges": first[Change],
	"firstEvidence": first[Evidence], "firstTexts": first[string], "firstUpgrades": first[Upgrade],
	"hidden": func(total, shown int) int { return max(0, total-shown) },
}

// delta formats how a size differs from an earlier one: +1.2 MB (+3.4%).
func delta(now, before int64) string {
	change := now - before
	if change == 0 {
		return "unchanged"
	}
	sign := "+"
	if change < 0 {
		sign, change = "−", -change
	}
	return fmt.Sprintf("%s%s (%s%.1f%%)", sign, report.Size(change), sign, 100*float64(change)/float64(max(1, before)))
}

// plural formats a number of things.
func plural(count int, thing string) string {
	switch count {
	case 1:
		return "1 " + thing
	case 0:
		return "no " + thing + "s"
	}
	return fmt.Sprintf("%d %ss", count, thing)
}

// short abbreviates a commit or a digest.
func short(name string) string {
	if digest, is := strings.CutPrefix(name, "sha256:"); is {
		return digest[:min(12, len(digest))]
	}
	return name[:min(12, len(name))]
}

// quick formats the time of a test, which may be a few milliseconds.
func quick(d time.Duration) string {
	if d < 100*time.Millisecond {
		return fmt.Sprintf("%d ms", d.Milliseconds())
	}
	return report.Seconds(d)
}

func share(part, whole int64) float64 { return 100 * float64(part) / float64(max(1, whole)) }

// icon returns the symbol for a state.
func icon(state string) string {
	return map[string]string{
		report.Done: "✓", report.Reused: "↺", report.Absent: "–", report.Failed: "✕", report.Interrupted: "!",
		report.NotRun: "·", advised: "!",
	}[state]
}

// first returns at most the given number of layers or packages.
func first[T any](list []T, most int) []T { return list[:min(len(list), most)] }
