package junit

import (
	"encoding/xml"
	"fmt"
	"os"
	"strings"
	"time"
)

// Test is one test of a file of results.
type Test struct {
	Name            string // class and name
	Time            time.Duration
	Failed, Skipped bool
	Message         string // of a failure: the first line
	Output          string // of a failure: the tool's explanation, and what the test printed
}

// Tests reads all tests of a JUnit file, in its order.
func Tests(file string) ([]Test, error) {
	root, err := parse(file)
	if err != nil {
		return nil, err
	}
	return root.tests(nil), nil
}

// parse reads a JUnit file as one suite.
func parse(file string) (suite, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return suite{}, fmt.Errorf("read test results: %w", err)
	}
	var root struct {
		XMLName xml.Name
		Cases   []testCase `xml:"testcase"`
		Suites  []suite    `xml:"testsuite"`
	}
	if err := xml.Unmarshal(data, &root); err != nil {
		return suite{}, fmt.Errorf("read test results: %s: %w", file, err)
	}
	if root.XMLName.Local != "testsuites" && root.XMLName.Local != "testsuite" {
		return suite{}, fmt.Errorf("read test results: %s: <%s> is not JUnit", file, root.XMLName.Local)
	}
	return suite{Cases: root.Cases, Nested: root.Suites}, nil
}

func (s suite) tests(list []Test) []Test {
	for _, each := range s.Cases {
		test := Test{
			Name: each.title(), Time: time.Duration(each.Seconds * float64(time.Second)), Skipped: each.Skipped != nil,
		}
		if failed := each.failed(); failed != nil {
			test.Failed, test.Skipped, test.Message = true, false, failed.firstLine()
			test.Output = joined(failed.Body, each.Out, each.Err)
		}
		list = append(list, test)
	}
	for _, nested := range s.Nested {
		list = nested.tests(list)
	}
	return list
}

// failed returns why the test failed, or nil.
func (c testCase) failed() *message {
	if c.Failure != nil {
		return c.Failure
	}
	return c.Error
}

// joined joins the texts that are not empty, with an empty line between them.
func joined(texts ...string) string {
	var list []string
	for _, text := range texts {
		if text = strings.Trim(text, "\n"); text != "" {
			list = append(list, text)
		}
	}
	return strings.Join(list, "\n\n")
}
