package junit_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hughkantsime/odin-release/magefiles/internal/toolchain/junit"
)

func read(t *testing.T, content string) (junit.Results, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "results.xml")
	if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	return junit.Read(file)
}

func TestReadCountsCases(t *testing.T) {
	got, err := read(t, `<?xml version="1.0"?><testsuites><testsuite name="pytest">
		<testcase classname="a" name="passes" time="0.5"/>
		<testcase classname="a" name="fails" time="0.25"><failure message="assert 1&#10;more">trace</failure></testcase>
		<testcase name="breaks"><error>broken
		trace</error></testcase>
		<testsuite><testcase name="nested"><skipped message="why"/></testcase></testsuite>
	</testsuite></testsuites>`)
	want := junit.Results{Passed: 1, Failed: 2, Skipped: 1, Time: 750 * time.Millisecond,
		Failures: []junit.Failure{{Test: "a fails", Message: "assert 1"}, {Test: "breaks", Message: "broken"}}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("(-want +got):\n%s%v", diff, err)
	}
}

func TestReadRefusesWhatIsNotJUnit(t *testing.T) {
	for content, want := range map[string]string{
		"":                        "EOF",
		"<testsuite><testcase>":   "syntax error",
		"<html></html>":           "<html> is not JUnit",
		"<testsuites><testcase a": "syntax error",
	} {
		if _, err := read(
			t,
			content,
		); err == nil || !strings.Contains(err.Error(), want) ||
			!strings.Contains(err.Error(), "results.xml") {
			t.Errorf("%q: error %v, expected %q", content, err, want)
		}
	}
}

func TestWriteCanBeRead(t *testing.T) {
	file := filepath.Join(t.TempDir(), "results.xml")
	cases := []junit.Case{{Name: "GET /a"}, {Name: "GET /b", Failure: `type "<x>" & more`}}
	if err := junit.Write(file, "contract", cases, time.Second); err != nil {
		t.Fatal(err)
	}
	got, err := junit.Read(file)
	want := junit.Results{
		Passed:   1,
		Failed:   1,
		Time:     time.Second,
		Failures: []junit.Failure{{Test: "contract GET /b", Message: `type "<x>" & more`}},
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("(-want +got):\n%s%v", diff, err)
	}
}

// TestReadFindsPlaces reads what pytest and Vitest write, as they do.
func TestReadFindsPlaces(t *testing.T) {
	got, err := read(t, `<testsuites><testsuite>
<testcase classname="a" name="helped"><failure message="m">def test_arithmetic() -&gt; None:
&gt;       helper()

tests/unit/test_wrong.py:9: 
_ _ _ _ _ _ _ _ _ _

E       assert (1 + 1) == 3

/venv/lib/x.py:5: AssertionError</failure></testcase>
<testcase classname="b" name="vitest"><failure message="m">
AssertionError: expected 2 to be 3

 ❯ helper src/wrong.test.ts:4:17
 ❯ src/wrong.test.tsx:8:3
 ❯ Object.waitFor node_modules/lib/x.js:1:2
            </failure></testcase>
<testcase classname="c" name="xunit1" file="tests/test_c.py" line="3"><failure message="m">nothing</failure></testcase>
<testcase classname="d" name="none"><error message="see http://a.py:80/ and 9:10"/></testcase>
</testsuite></testsuites>`)
	want := [][]junit.Place{
		{{File: "tests/unit/test_wrong.py", Line: 9}, {File: "/venv/lib/x.py", Line: 5}},
		{
			{File: "src/wrong.test.ts", Line: 4, Column: 17},
			{File: "src/wrong.test.tsx", Line: 8, Column: 3},
			{File: "node_modules/lib/x.js", Line: 1, Column: 2},
		},
		{{File: "tests/test_c.py", Line: 3}},
		nil,
	}
	var places [][]junit.Place
	for _, failure := range got.Failures {
		places = append(places, failure.Places)
	}
	if diff := cmp.Diff(want, places); diff != "" || err != nil {
		t.Errorf("(-want +got):\n%s%v", diff, err)
	}
}

func TestTests(t *testing.T) {
	file := filepath.Join(t.TempDir(), "results.xml")
	content := `<testsuites><testsuite name="pytest">
		<testcase classname="a" name="passes" time="0.5"><system-out>not shown</system-out></testcase>
		<testcase classname="a" name="fails" time="0.25"><failure message="assert 1&#10;more">trace
</failure><system-out>printed</system-out></testcase>
		<testsuite><testcase name="nested"><skipped message="why"/></testcase></testsuite>
	</testsuite></testsuites>`
	if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	got, err := junit.Tests(file)
	want := []junit.Test{
		{Name: "a passes", Time: 500 * time.Millisecond},
		{Name: "a fails", Time: 250 * time.Millisecond, Failed: true, Message: "assert 1", Output: "trace\n\nprinted"},
		{Name: "nested", Skipped: true},
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("(-want +got):\n%s%v", diff, err)
	}
}
