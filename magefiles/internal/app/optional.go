package app

import (
	"reflect"

	"github.com/goccy/go-yaml/ast"
)

// Optional is a setting that an app may lack. In YAML it is the value itself, or
// {absent: why}.
type Optional[T any] struct {
	Value  T
	Absent string // why the app has none; "" when it has one
}

// UnmarshalYAML reads either form.
func (o *Optional[T]) UnmarshalYAML(unmarshal func(any) error) error {
	if why, ok := readAbsence(unmarshal); ok {
		o.Absent = why
		return nil
	}
	return unmarshal(&o.Value)
}

func (Optional[T]) present() reflect.Type { return reflect.TypeFor[T]() }

// List is a list that an app may lack. {absent: why} is an empty list with a reason for the reader.
type List[T any] []T

// UnmarshalYAML reads either form.
func (l *List[T]) UnmarshalYAML(unmarshal func(any) error) error {
	if _, ok := readAbsence(unmarshal); ok {
		*l = List[T]{}
		return nil
	}
	return unmarshal((*[]T)(l))
}

func (List[T]) present() reflect.Type { return reflect.TypeFor[[]T]() }

// absence is the form of a setting that the app does not have.
type absence struct {
	// Absent says why this app has none.
	Absent string `yaml:"absent" jsonschema:"required"`
}

func readAbsence(unmarshal func(any) error) (why string, ok bool) {
	var found absence
	err := unmarshal(&found)
	return found.Absent, err == nil && found.Absent != ""
}

// either is a type with a second form in YAML, {absent: why}.
type either interface {
	present() reflect.Type // the type of the first form
}

// form returns the type that a node fills: for an Optional or a List, the form that the
// node has.
func form(node ast.Node, kind reflect.Type) reflect.Type {
	value, ok := reflect.Zero(kind).Interface().(either)
	if !ok {
		return kind
	}
	if node.Type() == ast.MappingType || node.Type() == ast.MappingValueType {
		return reflect.TypeFor[absence]()
	}
	return value.present()
}
