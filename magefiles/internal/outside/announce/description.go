package announce

import (
	"fmt"
	"strings"
)

const (
	maxEntry   = 300 // of one entry
	maxHeading = 100
	breaking   = "Breaking: "
)

// block is a heading and its lines, escaped for Discord.
type block struct {
	heading string
	entries []string
}

// description lists the steps of an upgrade, then the changes, then a link to more.
func description(r Release, link string) string {
	end := ""
	if link != "" {
		end = fmt.Sprintf("[Everything about this release](%s)", link)
	}
	room := maxDescription - units(end) - 2
	text := ""
	if upgrading := blockOf("Upgrading", r.Upgrading); len(upgrading.entries) > 0 {
		text = most([]block{upgrading}, room/2)
	}
	var changes []block
	for _, section := range r.Sections {
		if b := blockOf(section.Title, section.Entries); len(b.entries) > 0 {
			changes = append(changes, b)
		}
	}
	if len(changes) > 0 {
		text = joined(text, most(changes, room-units(text)-2))
	}
	return joined(text, end)
}

func joined(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + "\n\n" + b
}

func blockOf(heading string, entries []string) block {
	b := block{heading: escape(heading, maxHeading)}
	if b.heading == "" {
		b.heading = "Changes"
	}
	for _, entry := range entries {
		said, isBreaking := strings.CutPrefix(entry, breaking)
		said = escape(said, maxEntry)
		if isBreaking {
			said = strings.TrimSpace("**" + strings.TrimSpace(breaking) + "** " + said)
		}
		if said != "" {
			b.entries = append(b.entries, "- "+said)
		}
	}
	return b
}

// most writes blocks within room: as many entries of each as possible, the same number
// for all, so that a long section leaves room for the others. If not even one entry of
// each fits, the last blocks are left out.
func most(blocks []block, room int) string {
	longest := 0
	for _, b := range blocks {
		longest = max(longest, len(b.entries))
	}
	for each := min(longest, room/len("\n- x")); each > 1; each-- {
		if text, fits := write(blocks, each, room); fits {
			return text
		}
	}
	for shown := len(blocks); shown > 0; shown-- {
		end := ""
		if left := blocks[shown:]; len(left) > 0 {
			end = more(left)
		}
		if text, fits := write(blocks[:shown], 1, room-units(end)-2); fits {
			return joined(text, end)
		}
	}
	return more(blocks)
}

// write writes blocks with at most so many entries each, and reports whether they fit
// into room.
func write(blocks []block, each, room int) (text string, fits bool) {
	var out strings.Builder
	add := func(line string) bool {
		room -= units(line)
		out.WriteString(line)
		return room >= 0
	}
	for i, b := range blocks {
		if i > 0 {
			add("\n\n")
		}
		add("**" + b.heading + "**")
		for _, entry := range b.entries[:min(each, len(b.entries))] {
			if !add("\n" + entry) {
				return "", false
			}
		}
		if left := len(b.entries) - each; left > 0 {
			add(fmt.Sprintf("\n… and %d more", left))
		}
	}
	return out.String(), room >= 0
}

// more says how much was left out.
func more(left []block) string {
	count := 0
	for _, b := range left {
		count += len(b.entries)
	}
	return fmt.Sprintf("… and %d more", count)
}
