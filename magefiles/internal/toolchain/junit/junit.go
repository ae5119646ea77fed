// Package junit reads and writes test results as JUnit XML, in the form of pytest,
// Vitest and CI systems (the "xunit2" schema of Jenkins).
package junit

import (
	"encoding/xml"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Results are the counts of one suite.
type Results struct {
	Passed, Failed, Skipped int
	Time                    time.Duration // as measured by the tests
	Failures                []Failure
}

// Failure is one test that failed.
type Failure struct {
	Test    string  // class and name
	Message string  // its first line
	Places  []Place // places named by the tool, the test's own first if known
}

// Place is a place in a file, whose path is as the tool prints it. An unknown number is
// 0.
type Place struct {
	File         string
	Line, Column int
}

// Total returns the number of tests that were collected.
func (r Results) Total() int { return r.Passed + r.Failed + r.Skipped }

// Case is a test case to write.
type Case struct {
	Name    string
	Failure string // "" if it passed
}

type suite struct {
	Name     string     `xml:"name,attr"`
	Tests    int        `xml:"tests,attr"`
	Failures int        `xml:"failures,attr"`
	Cases    []testCase `xml:"testcase"`
	Nested   []suite    `xml:"testsuite"`
}

type testCase struct {
	Class   string   `xml:"classname,attr"`
	File    string   `xml:"file,attr,omitempty"`
	Line    int      `xml:"line,attr,omitempty"`
	Name    string   `xml:"name,attr"`
	Seconds float64  `xml:"time,attr"`
	Failure *message `xml:"failure"`
	Error   *message `xml:"error"`
	Skipped *message `xml:"skipped"`
	Out     string   `xml:"system-out,omitempty"`
	Err     string   `xml:"system-err,omitempty"`
}

type message struct {
	Text string `xml:"message,attr"`
	Body string `xml:",chardata"`
}

func (c testCase) title() string {
	if c.Class == "" {
		return c.Name
	}
	return c.Class + " " + c.Name
}

func (m message) firstLine() string {
	text := m.Text
	if text == "" {
		text = strings.TrimSpace(m.Body)
	}
	first, _, _ := strings.Cut(text, "\n")
	return first
}

// placeLines match the places of a failure as tools print them: pytest as
// tests/test_a.py:12: AssertionError, Vitest as ❯ src/a.test.ts:12:5.
var placeLines = []*regexp.Regexp{
	regexp.MustCompile(`(?m)^([^\s:]+\.py):([0-9]{1,9}): `),
	regexp.MustCompile(`(?m)^ *❯ (?:[^\n]* )?([^\s:(]+\.[cm]?[jt]sx?):([0-9]{1,9}):([0-9]{1,9})$`),
}

// places returns the places that the tool names for a failure.
func (c testCase) places(failed message) []Place {
	var places []Place
	if c.File != "" {
		places = append(places, Place{File: c.File, Line: c.Line})
	}
	for _, line := range placeLines {
		for _, found := range line.FindAllStringSubmatch(failed.Body, -1) {
			place := Place{File: found[1]}
			place.Line, _ = strconv.Atoi(found[2]) // at most a few digits
			if len(found) > 3 {
				place.Column, _ = strconv.Atoi(found[3])
			}
			places = append(places, place)
		}
	}
	return places
}

// Read reads a JUnit file. A test case with a failure or an error has failed.
func Read(file string) (Results, error) {
	root, err := parse(file)
	if err != nil {
		return Results{}, err
	}
	var results Results
	results.add(root)
	return results, nil
}

func (r *Results) add(from suite) {
	for _, test := range from.Cases {
		r.Time += time.Duration(test.Seconds * float64(time.Second))
		failed := test.failed()
		switch {
		case failed != nil:
			r.Failed++
			r.Failures = append(
				r.Failures,
				Failure{Test: test.title(), Message: failed.firstLine(), Places: test.places(*failed)},
			)
		case test.Skipped != nil:
			r.Skipped++
		default:
			r.Passed++
		}
	}
	for _, nested := range from.Nested {
		r.add(nested)
	}
}

// Write writes the cases of one suite.
func Write(file, name string, cases []Case, took time.Duration) error {
	out := suite{Name: name, Tests: len(cases)}
	for _, each := range cases {
		test := testCase{Class: name, Name: each.Name, Seconds: took.Seconds() / float64(len(cases))}
		if each.Failure != "" {
			out.Failures++
			test.Failure = &message{Text: each.Failure}
		}
		out.Cases = append(out.Cases, test)
	}
	data, err := xml.MarshalIndent(struct {
		XMLName xml.Name `xml:"testsuites"`
		Suite   suite    `xml:"testsuite"`
	}{Suite: out}, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append([]byte(xml.Header), append(data, '\n')...), 0o644)
}
