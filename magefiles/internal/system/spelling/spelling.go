// Package spelling finds the known words that a misspelt word probably means.
package spelling

import (
	"cmp"
	"slices"
	"strings"
)

// Near returns the known words that differ little from a word, the nearest first. The
// case of letters does not count.
func Near(word string, known []string) []string {
	type candidate struct {
		word     string
		distance int
	}
	var near []candidate
	for _, each := range known {
		if d := distance(strings.ToLower(word), strings.ToLower(each)); d <= (len(word)+2)/3 {
			near = append(near, candidate{each, d})
		}
	}
	slices.SortFunc(near, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.distance, b.distance), cmp.Compare(a.word, b.word))
	})
	words := make([]string, len(near))
	for i, each := range near {
		words[i] = each.word
	}
	return words
}

// distance returns the Levenshtein distance in bytes.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
