package download

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/report"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/pattern"
)

// uvLine matches uv's output about a package, without a terminal: Downloading numpy (16.1MiB), and later Downloaded
// numpy. uv only names packages of a megabyte or more.
var uvLine = pattern.Lazy(`^\s*(Downloading|Downloaded) (\S+)(?: \(([0-9.]+)([KMG]?i?B)\))?$`)

// units are units of sizes, in bytes.
var units = map[string]float64{"B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}

// uvResult matches the results that uv prints: Resolved 12 packages in 394ms.
var uvResult = pattern.Lazy(`^(Resolved|Prepared|Installed) (\d+ packages?) in `)

// UV reads uv's output (uv 0.13, without --quiet).
func UV() Reader {
	sizes := map[string]int64{}
	var all, done int64
	var under []string // packages that are being downloaded
	return func(line string) string {
		if match := uvResult().FindStringSubmatch(line); match != nil {
			return strings.ToLower(match[1]) + " " + match[2]
		}
		match := uvLine().FindStringSubmatch(line)
		if match == nil {
			return ""
		}
		switch name := match[2]; match[1] {
		case "Downloading":
			number, _ := strconv.ParseFloat(match[3], 64)
			sizes[name] = int64(number * units[match[4]])
			all += sizes[name]
			under = append(under, name)
		default:
			done += sizes[name]
			under = slices.DeleteFunc(under, func(each string) bool { return each == name })
		}
		if len(under) == 0 {
			return fmt.Sprintf("%s downloaded", report.Size(all))
		}
		return fmt.Sprintf("%s of %s downloaded: %s", report.Size(done), report.Size(all), strings.Join(under, ", "))
	}
}

// progressOfUV matches what uv prints while everything works.
var progressOfUV = regexp.MustCompile(`^\s*(Using |Creating |Downloading |Downloaded |Building |Built |` +
	`Resolved |Prepared |Uninstalled |Installed |[-+~] \S+==)`)

// WithoutProgress returns what uv prints about a failure: the last lines of its output, without progress.
func WithoutProgress(output string) string {
	lines := strings.Split(strings.TrimSpace(output), "\n")
	lines = slices.DeleteFunc(lines, progressOfUV.MatchString)
	return strings.TrimSpace(strings.Join(lines[max(0, len(lines)-most):], "\n"))
}

// most is how many lines of a failure are shown.
const most = 20

// Lines of pip, the second with --progress-bar=raw (https://pip.pypa.io/en/stable/cli/pip_download).
var (
	pipFile     = pattern.Lazy(`^\s*(?:Downloading|Using cached) (?:\S*/)?([^\s/]+)(?: \(([0-9.]+ [kMG]?B)\))?`)
	pipProgress = pattern.Lazy(`^\s*Progress (\d+) of (\d+)`)
)

// Pip reads pip's output, without --quiet.
func Pip() Reader {
	files, current := 0, ""
	return func(line string) string {
		if match := pipFile().FindStringSubmatch(line); match != nil {
			files++
			current = fmt.Sprintf("file %d, %s", files, wheel().ReplaceAllString(match[1], "$1"))
			if match[2] == "" {
				return current
			}
			return current + " (" + match[2] + ")"
		}
		if match := pipProgress().FindStringSubmatch(line); match != nil && current != "" {
			done, _ := strconv.ParseInt(match[1], 10, 64)
			all, _ := strconv.ParseInt(match[2], 10, 64)
			return fmt.Sprintf("%s: %s of %s", current, report.Size(done), report.Size(all))
		}
		if strings.HasPrefix(line, "Installing collected packages") {
			return "installing"
		}
		return ""
	}
}

// wheel matches the name of a wheel: package, version, and for which Python and machine it is.
var wheel = pattern.Lazy(`^([^-]+-[^-]+)-.*\.whl$`)

// NPM reads npm's output with --loglevel=http: a line for each archive that was downloaded.
func NPM() Reader {
	fetched := 0
	return func(line string) string {
		if !strings.HasPrefix(line, "npm http fetch GET 200 ") || !strings.Contains(line, ".tgz ") {
			return ""
		}
		fetched++
		if fetched == 1 {
			return "1 package fetched"
		}
		return fmt.Sprintf("%d packages fetched", fetched)
	}
}

// Last reads the output of a program that prints its own progress: the last line is shown.
func Last() Reader {
	return strings.TrimSpace
}

// layer matches docker pull's output about a layer, without a terminal.
var layer = pattern.Lazy(`^([0-9a-f]{12}): (Pulling fs layer|Already exists|Pull complete)$`)

// Layers reads the output of docker pull, without --quiet.
func Layers() Reader {
	all, done := map[string]bool{}, map[string]bool{}
	return func(line string) string {
		match := layer().FindStringSubmatch(strings.TrimSpace(line))
		if match == nil {
			return ""
		}
		all[match[1]] = true
		if match[2] != "Pulling fs layer" {
			done[match[1]] = true
		}
		return fmt.Sprintf("pulling the image, %d of %d layers", len(done), len(all))
	}
}
