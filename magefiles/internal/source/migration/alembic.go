package migration

import (
	"cmp"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"
)

//go:embed alembic.py
var script string

// Python runs a script of Python 3.8 or later that only needs the standard library. It takes the script and its
// standard input, and returns its standard output.
type Python func(ctx context.Context, script string, input []byte) ([]byte, error)

// answer is the script's result for a source.
type answer struct {
	Revision   string
	After      []string
	Docstring  string
	Operations []change
	Error      string
	Line       int // of the error
}

// readAlembic reads sources of Alembic's migrations.
func readAlembic(ctx context.Context, python Python, sources []string) []Migration {
	answers, err := ask(ctx, python, sources)
	found := make([]Migration, len(sources))
	for i, source := range sources {
		if err != nil {
			found[i] = unread(1, err.Error())
			continue
		}
		found[i] = answers[i].migration(strings.Count(source, "\n") + 1)
	}
	return found
}

// ask returns an answer for each source.
func ask(ctx context.Context, python Python, sources []string) ([]answer, error) {
	input, err := json.Marshal(sources)
	if err != nil {
		return nil, err
	}
	output, err := python(ctx, script, input)
	if err != nil {
		return nil, err
	}
	var answers []answer
	if err := json.Unmarshal(output, &answers); err != nil {
		return nil, fmt.Errorf("read Python's answer: %w", err)
	}
	if len(answers) != len(sources) {
		return nil, fmt.Errorf("read Python's answer: got %d migrations, expected %d", len(answers), len(sources))
	}
	return answers, nil
}

// migration grades the operations that were read from a source of so many lines.
func (a answer) migration(lines int) Migration {
	if a.Error != "" {
		return unread(min(max(a.Line, 1), lines), a.Error)
	}
	l := &ledger{schema: schema{}}
	for _, c := range a.Operations {
		if c.Do == "sql" {
			l.sql(c)
		} else {
			l.apply(c)
		}
	}
	found := Migration{Revision: clean(a.Revision, longestName), Title: title(a.Docstring), Operations: l.list(lines)}
	for _, each := range a.After {
		if each != "" {
			found.After = append(found.After, clean(each, longestName))
		}
	}
	return found
}

// unread returns a migration that could not be read, and which therefore counts as risky.
func unread(line int, why string) Migration {
	why = cmp.Or(clean(why, longestText), "the reason is unknown")
	return Migration{Unread: why, Operations: []Operation{{Line: line, What: "cannot be read", Grade: Risky, Why: why}}}
}
