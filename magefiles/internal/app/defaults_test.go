package app

import (
	"reflect"
	"testing"
)

// TestDefaultsAreChecked reads defaults.yaml as strictly as a release.yaml.
func TestDefaultsAreChecked(t *testing.T) {
	strict, _, err := parseConfig("defaults.yaml", defaultsOf(Config{}))
	if err != nil {
		t.Fatal(err)
	}
	for _, steps := range [][]Step{strict.Checks, strict.Suites} {
		for i := range steps {
			steps[i].place = "" // there is none in release.yaml
		}
	}
	if usual, err := defaultConfig(Config{}); err != nil || !reflect.DeepEqual(usual, strict) {
		t.Errorf("%v, or they differ: %v", err, Differences(usual, strict))
	}
}
