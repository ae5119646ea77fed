package standin

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/report"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/pattern"
)

// excerpt is how many lines of a message are shown.
const excerpt = 4

// Write shows a state to the user: what can be pulled, what GitHub shows, what was
// announced.
func (s State) Write(out io.Writer, style report.Style) {
	fmt.Fprintln(out, "Registry")
	s.writeImages(out, style)
	fmt.Fprintln(out, "\nGitHub")
	s.GitHub.write(out, style)
	fmt.Fprintln(out, "\nDiscord")
	if len(s.Messages) == 0 {
		fmt.Fprintln(out, "  no message")
	}
	for _, message := range s.Messages {
		writeMessage(out, message)
	}
	for _, post := range s.Posts {
		fmt.Fprintf(out, "\n%s\n", post.Kind)
		writeLines(out, strings.Split(post.Text, "\n"))
	}
}

func (s State) writeImages(out io.Writer, style report.Style) {
	var rows [][]string
	for _, repository := range s.Registry {
		for _, tag := range repository.Tags {
			rows = append(rows, []string{repository.Name + ":" + tag.Name, short(tag.Digest)})
		}
		if n := len(repository.Attached); n > 0 {
			rows = append(rows, []string{repository.Name, count(n, "manifest") + " signed"})
		}
		if repository.Untagged > 0 {
			rows = append(rows, []string{repository.Name, count(repository.Untagged, "manifest") + " without a tag"})
		}
	}
	if rows == nil {
		fmt.Fprintln(out, "  no image")
		return
	}
	style.Table(out, []string{"Image", "Digest"}, rows)
}

// short abbreviates a digest.
func short(digest string) string {
	algorithm, hash, _ := strings.Cut(digest, ":")
	return algorithm + ":" + hash[:min(len(hash), 12)]
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func (f Forge) write(out io.Writer, style report.Style) {
	if len(f.Releases) == 0 {
		fmt.Fprintln(out, "  no release")
	}
	for _, r := range f.Releases {
		fmt.Fprintf(out, "  release %s “%s”%s\n", r.Tag, r.Name, r.badges())
		writeAssets(out, style, r.Assets)
	}
	for _, b := range f.Branches {
		fmt.Fprintf(out, "  branch %s: %s\n", b.Name, b.Subject)
	}
	for _, p := range f.Pulls {
		fmt.Fprintf(out, "  pull request #%d, %s, %s → %s: %s\n", p.Number, p.State, p.Head, p.Base, p.Title)
	}
	for _, d := range f.Dispatches {
		fmt.Fprintf(out, "  %s was sent the event %s%s\n", d.Repository, d.Name, with(d.Payload))
	}
	for _, d := range f.Workflows {
		fmt.Fprintf(out, "  %s was asked to run %s on %s%s\n", d.Repository, d.Name, d.Ref, with(d.Payload))
	}
}

func (r Release) badges() string {
	var all []string
	for _, badge := range []struct {
		has  bool
		name string
	}{{r.Draft, "Draft"}, {r.Prerelease, "Pre-release"}, {r.Latest, "Latest"}} {
		if badge.has {
			all = append(all, badge.name)
		}
	}
	if all == nil {
		return ""
	}
	return " [" + strings.Join(all, ", ") + "]"
}

func writeAssets(out io.Writer, style report.Style, assets []Asset) {
	var rows [][]string
	for _, a := range assets {
		row := []string{a.Name, report.Size(a.Size), "sha256:" + a.SHA256[:min(len(a.SHA256), 12)]}
		if a.State != "uploaded" {
			row[2] = "half-uploaded"
		}
		rows = append(rows, row)
	}
	if rows != nil {
		style.Table(out, []string{"Asset", ">Size", "Digest"}, rows)
	}
}

func with(payload string) string {
	if payload == "" {
		return ""
	}
	return " with " + payload
}

// writeMessage shows a message's title and its first lines.
func writeMessage(out io.Writer, text string) {
	var message payload
	if err := json.Unmarshal([]byte(text), &message); err != nil {
		fmt.Fprintf(out, "  a message that can't be read: %v\n", err)
		return
	}
	lines := strings.Split(message.Content, "\n")
	for _, e := range message.Embeds {
		lines = append(lines, e.Title)
		lines = append(lines, strings.Split(e.Description, "\n")...)
		for _, field := range e.Fields {
			lines = append(lines, field.Name+": "+strings.ReplaceAll(field.Value, "\n", " / "))
		}
	}
	writeLines(out, lines)
}

// writeLines shows the first lines of a message.
func writeLines(out io.Writer, lines []string) {
	shown := 0
	for _, line := range lines {
		if strings.TrimSpace(line) == "" {
			continue
		}
		if shown++; shown > excerpt {
			fmt.Fprintln(out, "  …")
			return
		}
		fmt.Fprintln(out, "  "+escaped().ReplaceAllString(line, "$1"))
	}
}

// escaped returns a text as Discord shows it, without the backslash before punctuation.
var escaped = pattern.Lazy(`\\([^0-9A-Za-z\s])`)
