package app

// validateTolerance checks which findings of the checks do not fail them.
func (c Config) validateTolerance(doc document) []error {
	var problems []error
	users := map[string]string{}
	for _, check := range c.Checks {
		fail := func(key, format string, args ...any) {
			problems = append(problems, doc.errorAt(check.place+"."+key, format, args...))
		}
		other := users[check.Baseline]
		switch {
		case check.Absent != "" || check.Baseline == "":
			continue
		case check.Advisory:
			fail("baseline", "%s: no finding fails an advisory check, so it needs no baseline: leave one of the "+
				"two out", check.Name)
		case check.Kind == "command":
			fail("baseline", "%s: a command has no findings to compare; advisory: true tolerates its exit code",
				check.Name)
		case other != "":
			fail("baseline", "%s: %s is the baseline of %s; name another file", check.Name, check.Baseline, other)
		}
		users[check.Baseline] = check.Name
	}
	for _, suite := range c.Suites {
		if suite.Advisory {
			problems = append(problems, doc.errorAt(suite.place+".advisory", onlyChecks, suite.Name, "advisory"))
		}
		if suite.Baseline != "" {
			problems = append(problems, doc.errorAt(suite.place+".baseline", onlyChecks, suite.Name, "baseline"))
		}
	}
	return problems
}

const onlyChecks = "%s: %s is for checks; the tests of a suite have to pass"
