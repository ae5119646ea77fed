package testkit

// Sample is so many of a list, evenly spread over it with the first and the
// last, or all of it if there are fewer; if All, it is the list.
func Sample[T any](list []T, most int) []T {
	if All() || len(list) <= most || most < 2 {
		return list
	}
	sample := make([]T, most)
	for i := range sample {
		sample[i] = list[i*(len(list)-1)/(most-1)]
	}
	return sample
}
