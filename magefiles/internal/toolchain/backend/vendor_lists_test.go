package backend

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A wheel that differs, that one platform alone has, or whose pin has another hash or marker there is native.
func TestWriteLists(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string) {
		t.Helper()
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, folder := range []string{"linux-amd64", "linux-arm64"} {
		write(folder+"/typing_extensions-4.16.0-py3-none-any.whl", "the same")
		write(folder+"/built-1.0-py3-none-any.whl", "built on "+folder)
		write(folder+"/hashed-1.0-py3-none-any.whl", "the same")
	}
	write("linux-amd64/core-2.0-cp311-cp311-manylinux_2_17_x86_64.whl", "amd64")
	write("linux-arm64/core-2.0-cp311-cp311-manylinux_2_17_aarch64.whl", "arm64")
	write("linux-amd64/fast-1.0-cp311-cp311-manylinux_2_17_x86_64.whl", "amd64")
	write("linux-arm64/fast-1.0-py3-none-any.whl", "slower")
	lock := "# a lock\nbuilt==1.0 --hash=sha256:1\ncore==2.0 \\\n    --hash=sha256:2 \\\n    --hash=sha256:3\n" +
		"fast==1.0 --hash=sha256:4\nTyping.Extensions==4.16.0 \\\n    --hash=sha256:5\n"
	write("linux-amd64/requirements.txt", lock+"hashed==1.0 --hash=sha256:6\n")
	write("linux-arm64/requirements.txt", lock+"hashed==1.0 --hash=sha256:7\n")

	if err := writeLists(dir, []string{"linux-amd64", "linux-arm64"}); err != nil {
		t.Fatal(err)
	}
	native := "--find-links .\nbuilt==1.0 --hash=sha256:1\ncore==2.0 --hash=sha256:2 --hash=sha256:3\n" +
		"fast==1.0 --hash=sha256:4\n"
	for file, want := range map[string]string{
		"portable.txt":           "--find-links linux-amd64\nTyping.Extensions==4.16.0 --hash=sha256:5\n",
		"linux-amd64/native.txt": native + "hashed==1.0 --hash=sha256:6\n",
		"linux-arm64/native.txt": native + "hashed==1.0 --hash=sha256:7\n",
	} {
		got, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, string(got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", file, diff)
		}
	}
}
