package contract

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/parser"
)

// unreadable returns why a file is not an OpenAPI document, with the line if its syntax
// is wrong. err is the reason that kin-openapi gives, which reads each document as JSON, then as YAML.
func unreadable(file string, data []byte, err error) error {
	if !bytes.HasPrefix(bytes.TrimSpace(data), []byte("{")) {
		var positioned yaml.Error
		_, syntax := parser.ParseBytes(data, 0)
		if errors.As(syntax, &positioned) && positioned.GetToken() != nil {
			line := positioned.GetToken().Position.Line
			return fmt.Errorf("%s:%d: it is not valid YAML: %s", file, line, positioned.GetMessage())
		}
		_, reason, _ := strings.Cut(err.Error(), ", yaml error: ")
		return fmt.Errorf("%s: read the committed spec: %s", file, cmp.Or(reason, err.Error()))
	}
	var syntax *json.SyntaxError
	if errors.As(json.Unmarshal(data, new(any)), &syntax) {
		before := data[:max(0, int(syntax.Offset)-1)] // the offset is behind the byte that is wrong
		return fmt.Errorf("%s:%d: it is not valid JSON: %w", file, 1+bytes.Count(before, []byte("\n")), syntax)
	}
	_, reason, _ := strings.Cut(err.Error(), "json error: ")
	reason, _, _ = strings.Cut(reason, ", yaml error: ")
	return fmt.Errorf("%s: read the committed spec: %s", file, cmp.Or(reason, err.Error()))
}
