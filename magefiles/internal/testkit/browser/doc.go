// Package browser opens pages in a real browser, Chromium or Chrome, for scenarios, and records the events that the
// browser reports for them.
package browser
