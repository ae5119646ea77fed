package main

import (
	"slices"
	"testing"
	"time"
)

// TestToDo reads which steps a dry run lists as to do.
func TestToDo(t *testing.T) {
	listing := `
  phase  step                   state   why
  ─────────────────────────────────────────
  plan   version and changelog  done    v1.7.3
  lint   backend:lint           to do   backend/app/health.py has changed
  lint   frontend:lint          reused  unchanged, reused from 1 minute ago (2.3 s): nothing is to do
  build  image:build            to do
`
	if got, want := toDo(listing), []string{"backend:lint", "image:build"}; !slices.Equal(got, want) {
		t.Errorf("%q, expected %q", got, want)
	}
}

// TestCritical adds up what waits for each other, and only that.
func TestCritical(t *testing.T) {
	nodes := []node{
		{Step: "decide"}, {Step: "plan", Group: true, Needs: []string{"decide"}},
		{Step: "lint a"}, {Step: "lint b"}, {Step: "lint", Group: true, Needs: []string{"lint a", "lint b"}},
		{Step: "vendor"}, {Step: "image", Needs: []string{"vendor"}},
		{Step: "build", Group: true, Needs: []string{"image"}},
		{Step: "releaseCheck", Group: true, InOrder: true, Needs: []string{"plan", "lint", "build"}},
	}
	took := map[string]time.Duration{
		"decide": 1, "lint a": 10, "lint b": 30, "vendor": 200, "image": 300, "build": 7000, "lint": 7000,
	}
	if got := critical(nodes, took); got != 531 {
		t.Errorf("%d, expected 531", got)
	}
}

// TestMedian takes the middle.
func TestMedian(t *testing.T) {
	for want, times := range map[time.Duration][]time.Duration{3: {9, 1, 3}, 5: {9, 1, 3, 7}, 4: {4}} {
		if got := median(times); got != want {
			t.Errorf("%v: %d, expected %d", times, got, want)
		}
	}
}
