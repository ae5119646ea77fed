package report

import (
	"strings"

	"github.com/sirupsen/logrus"
)

// Format is the format of the log: each message is a line, as a person reads it. It implements logrus.Formatter.
type Format struct {
	Colour bool // whether warnings and errors are coloured
}

// Colours of a terminal (ECMA-48, section 8.3.117).
const (
	red    = "\x1b[31m"
	yellow = "\x1b[33m"
	grey   = "\x1b[90m"
	plain  = "\x1b[0m"
)

// Format formats an entry of the log.
func (f Format) Format(entry *logrus.Entry) ([]byte, error) {
	text, colour := entry.Message, ""
	switch entry.Level {
	case logrus.WarnLevel:
		text, colour = "Warning: "+text, yellow
	case logrus.ErrorLevel, logrus.FatalLevel, logrus.PanicLevel:
		colour = red
	case logrus.DebugLevel, logrus.TraceLevel:
		text, colour = entry.Level.String()+": "+text, grey
	case logrus.InfoLevel:
	}
	text = strings.TrimRight(text, "\n")
	if f.Colour && colour != "" {
		text = colour + text + plain
	}
	return []byte(text + "\n"), nil
}
