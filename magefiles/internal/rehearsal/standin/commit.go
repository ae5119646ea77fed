package standin

import "strings"

// parseCommit reads a commit as git stores it (git-commit-tree(1), git-hash-object(1)), which
// lacks its hash. It is not ok if git has to convert its encoding.
func parseCommit(content string) (c Commit, ok bool) {
	header, message, _ := strings.Cut(content, "\n\n")
	c.Message = strings.TrimRight(message, "\n")
	var at, by string
	for line := range strings.SplitSeq(header, "\n") {
		key, value, _ := strings.Cut(line, " ")
		switch key {
		case "tree":
			c.Tree = value
		case "parent":
			c.Parents = append(c.Parents, value)
		case "author":
			c.Author, c.AuthorMail, at = person(value)
		case "committer":
			c.Committer, c.CommitterMail, by = person(value)
		case "encoding":
			return Commit{}, false
		}
	}
	c.Authored, c.Committed = unix(at), unix(by)
	return c, at != "" && by != ""
}

// person splits "Ada Lovelace <ada@example.org> 1780304400 +0000"; the time is "" if the text has another form.
func person(text string) (name, mail, seconds string) {
	name, rest, _ := strings.Cut(text, "<")
	mail, rest, _ = strings.Cut(rest, ">")
	seconds, _, _ = strings.Cut(strings.TrimSpace(rest), " ")
	return strings.TrimSpace(name), mail, seconds
}
