package page

import "reflect"

// Redacted returns the report with a function that removes secrets applied to all of its texts. This must happen
// before the page shortens texts: a secret that is cut in two would not be found.
func (r Report) Redacted(hide func(string) string) Report {
	redacted, _ := passed(reflect.ValueOf(r), hide).Interface().(Report)
	return redacted
}

// passed returns a copy of a value with a function applied to its texts.
func passed(of reflect.Value, through func(string) string) reflect.Value {
	made := reflect.New(of.Type()).Elem()
	made.Set(of)
	switch of.Kind() {
	case reflect.String:
		made.SetString(through(of.String()))
	case reflect.Slice:
		if of.IsNil() {
			break
		}
		made.Set(reflect.MakeSlice(of.Type(), of.Len(), of.Len()))
		for i := range of.Len() {
			made.Index(i).Set(passed(of.Index(i), through))
		}
	case reflect.Pointer:
		if !of.IsNil() {
			made.Set(passed(of.Elem(), through).Addr())
		}
	case reflect.Struct:
		for i := range of.NumField() {
			if of.Type().Field(i).IsExported() { // time.Time has no exported fields
				made.Field(i).Set(passed(of.Field(i), through))
			}
		}
	}
	return made
}
