package migration

import (
	"regexp"
	"strings"
)

func (s *sqlScanner) lineComment() {
	start := s.at
	length := strings.IndexAny(s.src[s.at:], "\r\n")
	if length < 0 {
		length = len(s.src) - s.at
	}
	s.at += length
	before := s.src[:start]
	if alone := strings.TrimSpace(before[strings.LastIndexAny(before, "\r\n")+1:]) == ""; alone {
		s.comment(start, s.src[start:s.at])
	}
}

// blockComment reads a comment, in which others may nest.
func (s *sqlScanner) blockComment() {
	start := s.at
	depth := 0
	for s.at < len(s.src) {
		switch {
		case s.has("/*"):
			depth++
			s.at += 2
		case s.has("*/"):
			depth--
			s.at += 2
		default:
			s.at++
		}
		if depth == 0 {
			s.comment(start, s.src[start:s.at])
			return
		}
	}
	s.unclosed(start)
}

// The comments that migrate, goose, dbmate and people write before the way up
// and down.
var (
	upMarker   = marker("up|ups|upgrade")
	downMarker = marker("down|downs|downgrade|rollback|undo")
	pragma     = regexp.MustCompile(`(?i)^--\s*(?:\+(?:migrate|goose)\b|migrate:)`)
)

func marker(words string) *regexp.Regexp {
	return regexp.MustCompile(`(?i)^--[\s=*#@!-]*(?:(?:\+(?:migrate|goose)\s+|migrate:)(?:` + words +
		`)\b.*|(?:` + words + `)(?:\s+migration)?[\s=*#:-]*)$`)
}

// comment looks at a comment of its own lines: it may be a title, or begin the
// way up or down.
func (s *sqlScanner) comment(start int, text string) {
	switch {
	case downMarker.MatchString(text):
		s.emit(sqlDown, "", start)
	case upMarker.MatchString(text):
		s.emit(sqlUp, "", start)
	case pragma.MatchString(text):
	case s.title == "" && !s.begun():
		s.title = title(s.block(start, text))
	}
}

// block is a comment with the comment lines that follow it directly.
func (s *sqlScanner) block(start int, text string) string {
	if !strings.HasPrefix(text, "--") {
		return text
	}
	lines := []string{text}
	_, rest, _ := strings.Cut(s.src[start+len(text):], "\n")
	for line := range strings.Lines(rest) {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "--") || downMarker.MatchString(line) || upMarker.MatchString(line) || pragma.MatchString(line) {
			break
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// begun is whether there is more than comments so far.
func (s *sqlScanner) begun() bool {
	for _, token := range s.tokens {
		if token.kind != sqlUp {
			return true
		}
	}
	return false
}
