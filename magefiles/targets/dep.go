package targets

import (
	"context"
	"fmt"
	"path"
	"reflect"
	"runtime"
	"strings"

	"github.com/magefile/mage/mg"
)

// Dep makes a target of this package a dependency of a target of your own, for
// mg.CtxDeps and mg.SerialCtxDeps, which take no functions with flags. The
// target runs with none of its flags set:
//
//	mg.SerialCtxDeps(ctx, targets.Dep(targets.Lint), Smoke, targets.Dep(targets.Backend.Unit))
//
// It panics if the argument is not a target, as Mage does, or is one that needs an argument, such
// as Verify.
func Dep(target any) mg.Fn {
	value := reflect.ValueOf(target)
	if !canDepend(value) {
		panic(fmt.Sprintf("targets.Dep: %T is not a target", target))
	}
	return dependency{value}
}

// canDepend reports whether a value is a function that returns an error, and takes nothing but a
// namespace, a context and flags.
func canDepend(target reflect.Value) bool {
	if target.Kind() != reflect.Func {
		return false
	}
	kind := target.Type()
	if kind.NumOut() != 1 || kind.Out(0) != reflect.TypeFor[error]() {
		return false
	}
	for i := range kind.NumIn() {
		switch of := kind.In(i); of.Kind() {
		case reflect.Pointer, reflect.Struct: // a flag, or a namespace
		default:
			if of != reflect.TypeFor[context.Context]() {
				return false
			}
		}
	}
	return true
}

// dependency is a target that another one depends on.
type dependency struct{ target reflect.Value }

// Name returns the target's name with its namespace, such as Backend:Unit.
func (d dependency) Name() string {
	name := path.Base(runtime.FuncForPC(d.target.Pointer()).Name()) // such as targets.Backend.Unit-fm
	_, name, _ = strings.Cut(strings.TrimSuffix(name, "-fm"), ".")
	return strings.ReplaceAll(name, ".", ":")
}

// ID returns the same for all: dependencies on one target are one dependency.
func (d dependency) ID() string { return "targets.Dep" }

// Run runs the target.
func (d dependency) Run(ctx context.Context) error {
	kind := d.target.Type()
	arguments := make([]reflect.Value, kind.NumIn())
	for i := range arguments {
		arguments[i] = reflect.Zero(kind.In(i)) // no flag, or the namespace
		if kind.In(i) == reflect.TypeFor[context.Context]() {
			arguments[i] = reflect.ValueOf(ctx)
		}
	}
	err, _ := d.target.Call(arguments)[0].Interface().(error)
	return err
}
