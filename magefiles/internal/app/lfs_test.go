package app

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// TestAllowsAsGitIgnores compares the patterns of Git LFS pointers with those of git itself.
func TestAllowsAsGitIgnores(t *testing.T) {
	files := []string{
		"eye.onnx", "models/eye.onnx", "a/models/eye.onnx", "a/b/c/eye.onnx", "onnx", "models/a/b.bin",
		"a/models/b.bin", "models.bin", "x.onnx/inside", "a/x.onnx/inside.bin", "a/c", "a/b/d/c",
	}
	root := t.TempDir()
	if out, err := exec.CommandContext(t.Context(), "git", "init", "-q", root).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, file := range files {
		write(t, root, file, "")
	}
	for _, pattern := range []string{
		"*.onnx", "/*.onnx", "models", "models/", "/models", "models/*.onnx", "a/models", "**/models/*.bin", "a/**/c",
		"models/**", "a/**", "**", "**/c", "*", "a/*/c", "[em]*", "eye.onnx/", "?nnx", "a/b/",
	} {
		write(t, root, ".gitignore", pattern+"\n")
		args := append([]string{"-C", root, "check-ignore", "--no-index"}, files...)
		out, _ := exec.CommandContext(t.Context(), "git", args...).Output() // exit code 1: none of them
		ignored := strings.Fields(string(out))
		for _, file := range files {
			if got := (LFS{Allow: []string{"none", pattern}}).Allows(file); got != slices.Contains(ignored, file) {
				t.Errorf("%s: %s is allowed: %v, ignored: %v", pattern, file, got, !got)
			}
		}
	}
}
