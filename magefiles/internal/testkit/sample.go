package testkit

// Sample returns n elements evenly spread over a list, including the first and the
// last, or the whole list if it is shorter or if All is set.
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
