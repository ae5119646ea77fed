package app

import (
	"strings"
	"testing"
)

// TestRequestErrors has requests to a started image that are refused.
func TestRequestErrors(t *testing.T) {
	const login = "{path: /login, body: '{}', take: {token: t}}"
	for yaml, want := range map[string]string{
		"before: [{path: login}]":                              `"login" does not begin with a slash`,
		"before: [{method: POST}]":                             `does not begin with a slash`,
		"before: [{path: /a, method: post}]":                   `unknown method "post", known are GET, POST`,
		"before: [{path: /a, status: 99}]":                     `99 is not the status of an answer`,
		"before: [{path: '/a/{token}'}]":                       `unknown value {token}, known here are {secret}`,
		"before: [{path: /a, body: '{token}'}, " + login + "]": `unknown value {token}, known here are {secret}`,
		"before: [" + login + ", " + login + "]":               `{token} has a value already: choose another name`,
		"before: [{path: /a, take: {secret: a}}]":              `{secret} has a value already`,
		"before: [{path: /a, take: {a-b: a}}]":                 `the name "a-b" must be letters and digits`,
		"before: [{path: /a, headers: {'a b': c}}]":            `a b is not a header of one line`,
		"before: [{path: /a, body: ''}]":                       `body is empty and would be ignored`,
		"headers: {X-Key: '{token}'}":                          `unknown value {token}`,
		"after: [{path: /a, has: '{'}]":                        `what the answer has is not JSON`,
		"after: [{path: /a, has: '{\"a\": {token}}'}]":         `unknown value {token}`,
		"probe: {path: '/p/{token}'}":                          `unknown value {token}`,
	} {
		root := t.TempDir()
		write(t, root, ConfigFile, "verify: {"+yaml+"}\n")
		if _, err := Find(root); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v", yaml, err)
		}
	}
	root := t.TempDir()
	write(t, root, ConfigFile, "verify: {before: ["+login+"], headers: {Authorization: 'Bearer {token}'}, "+
		"env: {A: '{secret}'}, after: [{path: '/a/{token}', has: '{\"a\": [{token}]}'}], "+
		"probe: {path: /p, body: '{\"a\": \"{token}\"}'}}\n")
	if _, err := Find(root); err != nil {
		t.Error(err)
	}
}
