package backend

import (
	"slices"
	"strings"
	"testing"
)

// TestLocated takes the addresses of source distributions from uv's answer, if the lock has their hashes.
func TestLocated(t *testing.T) {
	const lock = "http-ece==1.2.1 \\\n    --hash=sha256:0a \\\n    --hash=sha256:0b\n"
	answer := func(url, hash string) string {
		return "lock-version = \"1.0\"\ncreated-by = \"uv\"\n\n[[packages]]\nname = \"http-ece\"\n" +
			"version = \"1.2.1\"\nsdist = { url = \"" + url + "\", hashes = { sha256 = \"" + hash + "\" } }\n"
	}
	const url = "https://files.example/http_ece-1.2.1.tar.gz"
	files, err := located(answer(url, "0b"), []byte(lock))
	if err != nil || !slices.Equal(files, []sourceFile{{url, "0b"}}) {
		t.Errorf("%v, %v", files, err)
	}
	for given, want := range map[string]string{
		answer(url, "0c"): "http-ece: the lock does not have the hash of its source distribution, sha256:0c",
		answer(url, ""):   "http-ece: the lock does not have the hash of its source distribution, sha256:",
		answer("https://files.example/a.zip", "0a"): "http-ece has no source distribution that is a .tar.gz of an " +
			`index, but "https://files.example/a.zip"`,
		answer("https://files.example/$a/a.tar.gz", "0a"): "http-ece has no source distribution that is a .tar.gz of an " +
			`index, but "https://files.example/$a/a.tar.gz"`,
		"packages": "read the answer of uv",
	} {
		if _, err := located(given, []byte(lock)); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v, expected %s", given, err, want)
		}
	}
}

// TestCompilersArePinned has every tool of the container with its hashes.
func TestCompilersArePinned(t *testing.T) {
	pins, err := Pins("compilers.lock", compilers)
	if err != nil || !slices.ContainsFunc(pins, func(pin Pin) bool { return pin.Name == "setuptools" }) {
		t.Errorf("%v, %v", pins, err)
	}
}
