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
// target runs as without any of its flags:
//
//	mg.SerialCtxDeps(ctx, targets.Dep(targets.Lint), Smoke, targets.Dep(targets.Backend.Unit))
//
// It panics if the argument is no target, as Mage does.
func Dep(target any) mg.Fn {
	value := reflect.ValueOf(target)
	if value.Kind() != reflect.Func || value.Type().NumOut() != 1 {
		panic(fmt.Sprintf("targets.Dep: %T is not a target", target))
	}
	return dependency{value}
}

// dependency is a target that another one depends on.
type dependency struct{ target reflect.Value }

// Name is the target's name as a person types it.
func (d dependency) Name() string {
	name := path.Base(runtime.FuncForPC(d.target.Pointer()).Name()) // such as targets.Backend.Unit-fm
	_, name, _ = strings.Cut(strings.TrimSuffix(name, "-fm"), ".")
	return strings.ReplaceAll(name, ".", ":")
}

// ID is the same for all: a target without flags is one thing.
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
