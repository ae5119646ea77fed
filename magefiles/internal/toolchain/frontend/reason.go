package frontend

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/pattern"
	"github.com/hughkantsime/odin-release/magefiles/internal/toolchain/manager"
)

// reasonOf finds in the output of a package manager why it installed nothing. stale means that the lock does not
// satisfy package.json.
func reasonOf(of manager.Manager, stdout, stderr string) (stale bool, reason string) {
	switch {
	case of.Name == "pnpm":
		return pnpmReason(stdout + "\n" + stderr)
	case of.Berry:
		return berryReason(stdout)
	case of.Name == "yarn":
		return yarnReason(stderr)
	}
	code, reason := npmReason(stderr)
	return code == "EUSAGE", reason
}

// most is how many lines of a reason are shown.
const most = 5

// few joins the first lines of a reason.
func few(lines []string) string {
	if more := len(lines) - most; more > 0 {
		lines = append(slices.Clone(lines[:most]), fmt.Sprintf("and %d more", more))
	}
	return strings.Join(lines, "; ")
}

// npmReason finds npm's error code and reason in its output, without usage help and without what our own error says
// already.
func npmReason(printed string) (code, reason string) {
	var lines []string
	for line := range strings.Lines(printed) {
		text, isError := strings.CutPrefix(strings.TrimSpace(line), "npm error")
		if !isError {
			text, isError = strings.CutPrefix(strings.TrimSpace(line), "npm ERR!")
		}
		text = strings.TrimSpace(text)
		if found, is := strings.CutPrefix(text, "code "); is && isError {
			code = found
			continue
		}
		if text == "Clean install a project" || strings.HasPrefix(text, "Usage:") {
			break
		}
		if !isError || text == "" || strings.HasPrefix(text, "A complete log of this run") ||
			slices.Contains(lines, text) {
			continue
		}
		lines = append(lines, text)
	}
	if code == "EUSAGE" && len(lines) > 1 {
		lines = lines[1:] // "npm ci can only install packages when …", which our error says already
	}
	return code, few(lines)
}

// pnpmError matches the first line of an error of pnpm (https://pnpm.io/errors),
// which has spaces beyond ASCII around its code.
var pnpmError = pattern.Lazy(`^(?:\[?(ERR_PNPM_[A-Z0-9_]+)\]?|ERROR)[\s\p{Z}]+(.*)$`)

// pnpmReason finds pnpm's error, which may have several lines.
func pnpmReason(printed string) (stale bool, reason string) {
	var lines []string
	for line := range strings.Lines(printed) {
		text := strings.TrimSpace(line)
		if match := pnpmError().FindStringSubmatch(text); match != nil {
			stale = match[1] == "ERR_PNPM_OUTDATED_LOCKFILE"
			lines = []string{match[2]}
			continue
		}
		if len(lines) == 0 || text == "" || strings.HasPrefix(text, "Note that in CI environments") ||
			strings.HasPrefix(text, "Failure reason") {
			continue
		}
		lines = append(lines, text)
	}
	if stale && len(lines) > 1 {
		lines = lines[1:] // that the lock is not up to date with package.json, which our error says already
	}
	return stale, few(lines)
}

// yarnReason finds the error of yarn 1.
func yarnReason(printed string) (stale bool, reason string) {
	for line := range strings.Lines(printed) {
		text, is := strings.CutPrefix(strings.TrimSpace(line), "error ")
		if !is {
			continue
		}
		if strings.Contains(text, "lockfile needs to be updated") {
			return true, "yarn says that it needs to be updated"
		}
		return false, strings.Trim(text, `"`)
	}
	return false, ""
}

// berryLine matches a line of yarn 2 and later with its code
// (https://yarnpkg.com/advanced/error-codes).
var berryLine = pattern.Lazy(`^➤ (YN\d{4}): [│·┌└]?\s*(.*?)\s*$`)

// berryReason finds the errors of yarn 2 and later. YN0028 means that the lock would change, and lists the changed
// lines; YN0085 lists the packages to add and to remove.
func berryReason(printed string) (stale bool, reason string) {
	var packages, lines, others []string
	for line := range strings.Lines(printed) {
		match := berryLine().FindStringSubmatch(strings.TrimSpace(line))
		if match == nil || match[2] == "" {
			continue
		}
		text := strings.Join(strings.Fields(match[2]), " ")
		switch code := match[1]; {
		case code == "YN0085":
			packages = append(packages, text)
		case code == "YN0028":
			stale = true
			if text[0] == '+' || text[0] == '-' {
				lines = append(lines, text)
			}
		case !slices.Contains(chatter, code):
			others = append(others, text)
		}
	}
	switch {
	case !stale:
		return false, few(others)
	case len(packages) > 0:
		return true, few(packages)
	}
	return true, few(lines)
}

// chatter are the codes of lines that are no errors: headings, warnings, and what was downloaded, linked or built
// (https://yarnpkg.com/advanced/error-codes).
var chatter = []string{
	"YN0000", "YN0002", "YN0006", "YN0007", "YN0008", "YN0013", "YN0019", "YN0032", "YN0058", "YN0060", "YN0061",
	"YN0068", "YN0076", "YN0083", "YN0086", "YN0087",
}
