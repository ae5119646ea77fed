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

// style describes the text that a destination accepts.
type style struct {
	escape func(text string, room int) string // foreign text in one line, shown literally
	bold   func(text string) string           // of text that is escaped
	link   func(text, address string) string
	size   func(text string) int // in the unit of the destination's limits
	bullet string
}

// ofDiscord is Discord's style.
var ofDiscord = style{
	escape: escape,
	bold:   func(text string) string { return "**" + text + "**" },
	link:   func(text, address string) string { return fmt.Sprintf("[%s](%s)", text, address) },
	size:   units,
	bullet: "- ",
}

// block is a heading and its lines, escaped.
type block struct {
	heading string
	entries []string
}

// everything is the text of the link to everything that a message leaves out.
const everything = "Everything about this release"

// description lists the steps of an upgrade, then the changes, then a link to more, if
// there is one.
func (s style) description(r Release, link string, room int) string {
	end := ""
	if link != "" {
		end = s.link(everything, link)
	}
	return joined(s.changes(r, room-s.size(end)-2), end)
}

// changes lists the steps of an upgrade, then the changes.
func (s style) changes(r Release, room int) string {
	text := ""
	if upgrading := s.blockOf("Upgrading", r.Upgrading); len(upgrading.entries) > 0 {
		text = s.most([]block{upgrading}, room/2)
	}
	var changes []block
	for _, section := range r.Sections {
		if b := s.blockOf(section.Title, section.Entries); len(b.entries) > 0 {
			changes = append(changes, b)
		}
	}
	if len(changes) > 0 {
		text = joined(text, s.most(changes, room-s.size(text)-2))
	}
	return text
}

func joined(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + "\n\n" + b
}

func (s style) blockOf(heading string, entries []string) block {
	b := block{heading: s.escape(heading, maxHeading)}
	if b.heading == "" {
		b.heading = "Changes"
	}
	for _, entry := range entries {
		said, isBreaking := strings.CutPrefix(entry, breaking)
		said = s.escape(said, maxEntry)
		if isBreaking {
			said = strings.TrimSpace(s.bold(strings.TrimSpace(breaking)) + " " + said)
		}
		if said != "" {
			b.entries = append(b.entries, s.bullet+said)
		}
	}
	return b
}

// most writes blocks within room, with as many entries of each as possible. The number is the same for all blocks,
// so a long section leaves room for the others. If not even one entry of each block fits, it leaves out the last
// blocks.
func (s style) most(blocks []block, room int) string {
	longest := 0
	for _, b := range blocks {
		longest = max(longest, len(b.entries))
	}
	for each := min(longest, room/len("\n- x")); each > 1; each-- {
		if text, fits := s.write(blocks, each, room); fits {
			return text
		}
	}
	for shown := len(blocks); shown > 0; shown-- {
		end := ""
		if left := blocks[shown:]; len(left) > 0 {
			end = more(left)
		}
		if text, fits := s.write(blocks[:shown], 1, room-s.size(end)-2); fits {
			return joined(text, end)
		}
	}
	return more(blocks)
}

// write writes blocks with at most each entries per block, and reports whether they fit into room.
func (s style) write(blocks []block, each, room int) (text string, fits bool) {
	var out strings.Builder
	add := func(line string) bool {
		room -= s.size(line)
		out.WriteString(line)
		return room >= 0
	}
	for i, b := range blocks {
		if i > 0 {
			add("\n\n")
		}
		add(s.bold(b.heading))
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
