package page

import (
	"io"
	"os"
	"strings"
)

// HasKey reports whether the page in a file has the key.
func HasKey(file, key string) bool { return key != "" && keyIn(file) == key }

// HasKeyOf reports whether the page in a file has a key with this prefix: part.rest.
func HasKeyOf(file, part string) bool { return part != "" && strings.HasPrefix(keyIn(file), part+".") }

// keyIn returns the key of the page in a file, or "".
func keyIn(file string) string {
	page, err := os.Open(file)
	if err != nil {
		return ""
	}
	defer page.Close()
	begin := make([]byte, 512)
	n, _ := io.ReadFull(page, begin) // a shorter page has no key
	_, after, _ := strings.Cut(string(begin[:n]), ` data-key="`)
	key, _, found := strings.Cut(after, `">`)
	if !found {
		return ""
	}
	return key
}
