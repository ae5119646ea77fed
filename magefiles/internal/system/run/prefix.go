package run

import (
	"bytes"
	"io"
	"sync"
)

// Prefixer writes whole lines to an underlying writer, each behind a name, so that the
// output of concurrent tools can be told apart.
type Prefixer struct {
	out    io.Writer
	prefix []byte
	mu     sync.Mutex
	rest   []byte
}

// NewPrefixer returns a Prefixer that puts "name │ " before each line.
func NewPrefixer(out io.Writer, name string) *Prefixer {
	return &Prefixer{out: out, prefix: []byte(name + " │ ")}
}

// Write accepts any piece of output and passes on the lines that it completes.
func (p *Prefixer) Write(data []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rest = append(p.rest, data...)
	for {
		end := bytes.IndexByte(p.rest, '\n')
		if end < 0 {
			return len(data), nil
		}
		if err := p.line(p.rest[:end]); err != nil {
			return 0, err
		}
		p.rest = p.rest[end+1:]
	}
}

// Close passes on a last line without a line ending.
func (p *Prefixer) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.rest) == 0 {
		return nil
	}
	defer func() { p.rest = nil }()
	return p.line(p.rest)
}

func (p *Prefixer) line(text []byte) error {
	text = bytes.TrimRight(text, "\r")
	line := make([]byte, 0, len(p.prefix)+len(text)+1)
	line = append(append(append(line, p.prefix...), text...), '\n')
	_, err := p.out.Write(line)
	return err
}

// lineFunc takes whole lines, each without its ending.
type lineFunc func(line string)

func (f lineFunc) Write(line []byte) (int, error) {
	f(string(bytes.TrimRight(line, "\n")))
	return len(line), nil
}

// Locked makes a writer safe for concurrent use.
func Locked(out io.Writer) io.Writer { return &locked{out: out} }

type locked struct {
	mu  sync.Mutex
	out io.Writer
}

func (l *locked) Write(data []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.out.Write(data)
}
