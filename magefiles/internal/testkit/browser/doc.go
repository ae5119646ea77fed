// Package browser opens pages in a real browser, Chromium or Chrome, for scenarios, and records
// what the browser says of them.
package browser
