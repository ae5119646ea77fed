package page

import (
	"io"
	"os"
	"strings"
)

// HasKey reports whether the page in a file has the key.
func HasKey(file, key string) bool {
	page, err := os.Open(file)
	if err != nil || key == "" {
		return false
	}
	defer page.Close()
	begin := make([]byte, 512)
	n, _ := io.ReadFull(page, begin) // a page that is shorter has no key
	return strings.Contains(string(begin[:n]), ` data-key="`+key+`">`)
}
