package app

import (
	"cmp"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
)

//go:embed defaults.yaml
var defaults string

// ConfigFile marks an app's root and says how the app differs from the default layout.
const ConfigFile = "release.yaml"

// loadConfig merges root/release.yaml, if it exists, over the defaults.
func loadConfig(root string) (Config, document, error) {
	data, err := os.ReadFile(filepath.Join(root, ConfigFile))
	if errors.Is(err, os.ErrNotExist) {
		config, err := defaultConfig(Config{})
		return config, document{}, err
	}
	if err != nil {
		return Config{}, document{}, fmt.Errorf("read %s: %w", ConfigFile, err)
	}
	return merge(ConfigFile, data)
}

// merge merges the content of a release.yaml over the defaults and validates the result. name is the file's name,
// for errors.
func merge(name string, data []byte) (Config, document, error) {
	own, places, err := parseConfig(name, data)
	if err != nil {
		return Config{}, document{}, err
	}
	if err := errors.Join(
		duplicates(places, "check", own.Checks),
		duplicates(places, "suite", own.Suites),
		validateSides(places, own), // the defaults follow them
	); err != nil {
		return Config{}, document{}, err
	}
	config, err := defaultConfig(own)
	if err != nil {
		return Config{}, document{}, err
	}
	if err := errors.Join(
		unknownAbsent(places, "check", config.Checks, own.Checks),
		unknownAbsent(places, "suite", config.Suites, own.Suites),
	); err != nil {
		return Config{}, document{}, err
	}
	overlay(reflect.ValueOf(&config).Elem(), reflect.ValueOf(own))
	config.joinContract()
	return config, places, config.validate(places)
}

// defaultConfig returns the default configuration for an app with the folders in own. It does not check the keys
// and types of defaults.yaml, which a test does.
func defaultConfig(own Config) (Config, error) {
	var config Config
	err := yaml.Unmarshal(defaultsOf(own), &config)
	return config, err
}

// defaultsOf returns defaults.yaml with the folders of an app in place of {backend} and
// {frontend}, which are in single quotes there.
func defaultsOf(own Config) []byte {
	var replacements []string
	for _, side := range []struct{ name, folder string }{
		{"backend", own.Backend.Directory}, {"frontend", own.Frontend.Directory},
	} {
		folder := strings.ReplaceAll(path.Clean(cmp.Or(side.folder, side.name)), "'", "''")
		replacements = append(replacements, "{"+side.name+"}/", strings.TrimPrefix(folder+"/", "./"),
			"{"+side.name+"}", folder)
	}
	return []byte(strings.NewReplacer(replacements...).Replace(defaults))
}

// joinContract unifies the two ways to declare that an app has no contract:
// contract.absent, and absent in each suite that checks the contract.
func (c *Config) joinContract() {
	reason := ""
	for i, suite := range c.Suites {
		if suite.Kind != "contract" {
			continue
		}
		if suite.Absent == "" {
			c.Suites[i].Absent = c.Contract.Absent
		}
		if c.Suites[i].Absent == "" {
			return // this suite needs it
		}
		reason = c.Suites[i].Absent
	}
	if c.Contract.Absent == "" {
		c.Contract.Absent = reason
	}
}

// overlay merges src over dst: structs by field, also those of a map and steps of the same
// name; any other value that is set replaces dst.
func overlay(dst, src reflect.Value) {
	if src.IsZero() {
		return
	}
	if steps, ok := src.Interface().([]Step); ok {
		dst.Set(reflect.ValueOf(mergeSteps(dst.Interface().([]Step), steps)))
		return
	}
	if own, ok := src.Interface().(Environment); ok && own.Project != "" { // used instead of requirements
		dst.FieldByName("Requirements").SetZero()
	}
	switch dst.Kind() {
	case reflect.Struct:
		for i := range dst.NumField() {
			if dst.Field(i).CanSet() {
				overlay(dst.Field(i), src.Field(i))
			}
		}
	case reflect.Map:
		merged := reflect.MakeMap(dst.Type())
		for _, from := range []reflect.Value{dst, src} {
			for _, key := range from.MapKeys() {
				entry := reflect.New(dst.Type().Elem()).Elem()
				if known := merged.MapIndex(key); known.IsValid() && entry.Kind() == reflect.Struct {
					entry.Set(known)
				}
				overlay(entry, from.MapIndex(key))
				merged.SetMapIndex(key, entry)
			}
		}
		dst.Set(merged)
	default:
		dst.Set(src)
	}
}

func mergeSteps(base, own []Step) []Step {
	merged := slices.Clone(base)
	for _, step := range own {
		at := slices.IndexFunc(merged, func(s Step) bool { return s.Name == step.Name })
		if at < 0 {
			merged = append(merged, step)
			continue
		}
		overlay(reflect.ValueOf(&merged[at]).Elem(), reflect.ValueOf(step))
		merged[at].place = step.place
	}
	return merged
}

// With returns the app as it is with data as the content of its release.yaml. The errors
// are those of a file of that name.
func (a *App) With(name string, data []byte) (*App, error) {
	config, places, err := merge(name, data)
	if err != nil {
		return nil, err
	}
	with := *a
	with.Config, with.places, with.Foreign = config, places, false
	return &with, nil
}
