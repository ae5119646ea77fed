package step

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/cache"
)

// TestRacyStamps writes a file twice so quickly that the second write could leave the same stamp. A program may
// also have set the modification time back.
func TestRacyStamps(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "a")
	past := time.Now().Add(-time.Hour)
	write := func(content string) {
		if err := errors.Join(os.WriteFile(file, []byte(content), 0o644), os.Chtimes(file, past, past)); err != nil {
			t.Fatal(err)
		}
	}
	write("old")
	outputs, err := measure(dir, []string{"a"})
	if err != nil || len(outputs) != 1 {
		t.Fatal(outputs, err)
	}
	if outputs[0].Seen != (stamp{}) {
		t.Error("a file that was written to just now would not be read again")
	}
	write("new")
	if there, checked := outputs[0].there(dir); there || !checked {
		t.Errorf("the change is not seen: there %v, checked %v", there, checked)
	}
	write("old")
	time.Sleep(2 * racy)
	if there, checked := outputs[0].there(dir); !there || !checked || outputs[0].Seen == (stamp{}) {
		t.Errorf("there %v, checked %v, %v", there, checked, outputs[0].Seen)
	}
	if there, checked := outputs[0].there(dir); !there || checked {
		t.Errorf("an unchanged file is read again: there %v, checked %v", there, checked)
	}
	write("new")
	if there, _ := outputs[0].there(dir); there {
		t.Error("a change with the same size and time of writing is not seen")
	}
}

// TestStampsAreRemembered checks that outputs are read only once, however often they are checked.
func TestStampsAreRemembered(t *testing.T) {
	dir := t.TempDir()
	store := &Store{Cache: cache.Dir(filepath.Join(dir, "cache")), App: "app", Dist: filepath.Join(dir, "dist")}
	file := filepath.Join(store.Dist, "a")
	if err := errors.Join(os.MkdirAll(store.Dist, 0o755), os.WriteFile(file, []byte("a"), 0o644)); err != nil {
		t.Fatal(err)
	}
	result := &Result{Step: "s", Key: "k", Paths: []string{"a"}}
	var err error
	if result.Outputs, err = measure(store.Dist, result.Paths); err != nil {
		t.Fatal(err)
	}
	if err := store.save(result, Inputs{}); err != nil {
		t.Fatal(err)
	}
	time.Sleep(2 * racy)
	for run, reads := range []bool{true, false} {
		found := store.find("s", "k")
		if ok, why := store.intact(found); !ok {
			t.Fatal(why)
		}
		if found.checked != reads {
			t.Errorf("run %d reads the output: %v", run, found.checked)
		}
		if err := store.restore(found); err != nil {
			t.Fatal(err)
		}
	}
}
