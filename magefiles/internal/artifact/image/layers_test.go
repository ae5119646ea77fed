package image

import "testing"

func TestCommand(t *testing.T) {
	for createdBy, want := range map[string]string{
		"": "",
		"# debian.sh --arch 'amd64' out/ 'bookworm'":      "# debian.sh --arch 'amd64' out/ 'bookworm'",
		"/bin/sh -c #(nop) ADD file:1 in / ":              "ADD file:1 in /",
		"RUN /bin/sh -c pip install x # buildkit":         "RUN pip install x",
		"RUN |2 A=1 B= /bin/sh -c make\n  all # buildkit": "RUN make all",
		"COPY backend/ /app/ # buildkit":                  "COPY backend/ /app/",
		"/bin/sh -c apt-get update":                       "RUN apt-get update",
	} {
		if got := command(createdBy); got != want {
			t.Errorf("%q: %q, expected %q", createdBy, got, want)
		}
	}
}
