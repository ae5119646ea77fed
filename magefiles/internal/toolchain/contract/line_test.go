package contract

import "testing"

func TestLine(t *testing.T) {
	const document = `{
  "openapi": "3.1.0",
  "paths": {
    "/api/x/{id}": {
      "get": {},
      "delete": {}
    },
    "/api/x": {
      "post": {}
    }
  }
}`
	const yaml = "openapi: 3.1.0\npaths:\n  /api/x/{id}:\n    get: {}\n  '/api/x':\n    post: {}\n"
	for _, test := range []struct {
		document, where string
		want            int
	}{
		{document, "GET /api/x/{id}", 5}, {document, "DELETE /api/x/{id}", 6}, {document, "POST /api/x", 9},
		{document, "GET /api/x", 8}, {document, "GET /none", 1}, {document, "info", 1}, {"", "GET /x", 1},
		{yaml, "GET /api/x/{id}", 4}, {yaml, "POST /api/x", 6}, {yaml, "GET /api/x", 5},
	} {
		if got := Line([]byte(test.document), test.where); got != test.want {
			t.Errorf("%s: line %d, expected %d", test.where, got, test.want)
		}
	}
}
