package app

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"
)

// Difference is a setting whose value differs between two configurations.
type Difference struct {
	Key           string // such as verify.health or suites[backend:unit].paths
	Before, After string // the values; "" if not set
}

// Differences returns the settings whose values differ between two configurations, sorted by key.
func Differences(before, after Config) []Difference {
	old, now := map[string]string{}, map[string]string{}
	flatten("", reflect.ValueOf(before), old)
	flatten("", reflect.ValueOf(after), now)
	keys := maps.Clone(old)
	maps.Copy(keys, now)
	var list []Difference
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		if old[key] != now[key] {
			list = append(list, Difference{key, old[key], now[key]})
		}
	}
	return list
}

// flatten lists the values of a configuration that are set, by key.
func flatten(key string, value reflect.Value, into map[string]string) {
	if value.IsZero() {
		return
	}
	if text, is := value.Interface().(Duration); is {
		into[key] = time.Duration(text).String()
		return
	}
	if _, is := value.Interface().(either); is && value.Kind() == reflect.Struct {
		if why := value.FieldByName("Absent").String(); why != "" {
			into[key] = "absent: " + why
			return
		}
		flatten(key, value.FieldByName("Value"), into)
		return
	}
	switch value.Kind() {
	case reflect.Struct:
		for _, field := range reflect.VisibleFields(value.Type()) {
			if name := field.Tag.Get("yaml"); name != "" {
				flatten(strings.TrimPrefix(key+"."+name, "."), value.FieldByIndex(field.Index), into)
			}
		}
	case reflect.Map:
		for _, name := range value.MapKeys() {
			flatten(key+"."+name.String(), value.MapIndex(name), into)
		}
	case reflect.Slice:
		flattenList(key, value, into)
	default:
		into[key] = fmt.Sprint(value.Interface())
	}
}

// flattenList lists the entries of a list: checks and suites by name, other structs by
// number, and texts together.
func flattenList(key string, list reflect.Value, into map[string]string) {
	if list.Type().Elem().Kind() != reflect.Struct {
		into[key] = fmt.Sprint(list.Interface())
		return
	}
	for i := range list.Len() {
		name := fmt.Sprint(i)
		if step, is := list.Index(i).Interface().(Step); is {
			name = step.Name
		}
		flatten(fmt.Sprintf("%s[%s]", key, name), list.Index(i), into)
	}
}
