package image

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
)

func TestParseStages(t *testing.T) {
	got := parseStages(`# syntax=docker/dockerfile:1
ARG NODE=22
from --platform=$BUILDPLATFORM node:${NODE}-slim as Web
RUN npm ci \
    # pip install in a comment

    && npm run build

FROM python:3.11-slim AS wheels
RUN --mount=type=cache,target=/root \
    PIP_NO_INDEX=1 \
    pip3 install --prefix=/install -r requirements.txt
FROM debian
RUN <<-'EOT' sh && <<EOF cat
	FROM nothing
	EOT
FROM nothing AS well
uv sync --frozen
EOF
COPY <<conf /etc/conf
RUN pip install nothing
conf
FROM debian AS shifts
RUN echo $((1<<COUNT)) <<<WORD pipe installed
FROM web
COPY --from=wheels /install /usr
`)
	want := []stage{
		{name: "web", line: 3, base: "node:${NODE}-slim", platform: "$BUILDPLATFORM"},
		{name: "wheels", line: 9, base: "python:3.11-slim", packages: true},
		{name: "stage-2", line: 13, base: "debian", packages: true},
		{name: "shifts", line: 23, base: "debian"},
		{name: "stage-4", line: 25, base: "web"},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(stage{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// No hint is given for a stage that must run on the image's platform, or that already runs on the builder's.
func TestBuilders(t *testing.T) {
	for name, each := range map[string]struct {
		dockerfile string
		want       map[string]int // line by stage
	}{
		"nothing":   {"", map[string]int{}},
		"one stage": {"FROM node\nRUN npm ci\n", map[string]int{}},
		"copied from": {
			"FROM node AS web\nRUN npm ci\nFROM python\nCOPY --from=web /a /a",
			map[string]int{"web": 1},
		},
		"without a name": {"FROM node\nRUN npm ci\nFROM python\nCOPY --from=0 /a /a", map[string]int{"stage-0": 1}},
		"has the platform": {
			"FROM --platform=$BUILDPLATFORM node AS web\nFROM web AS more\nFROM python",
			map[string]int{},
		},
		"the last is of it": {
			"FROM debian AS base\nRUN apt-get update\nFROM base AS next\nFROM Base",
			map[string]int{},
		},
		"made of another": {
			"FROM node AS web\nFROM web AS app\nRUN npm ci\nFROM python",
			map[string]int{"web": 1, "app": 1},
		},
		"installs packages":  {"FROM python AS lib\nRUN pip wheel a\nFROM lib AS more\nFROM python", map[string]int{}},
		"named as its image": {"FROM python AS python\nRUN make\nFROM debian", map[string]int{"python": 1}},
	} {
		got := map[string]int{}
		for name, found := range builders(parseStages(each.dockerfile)) {
			got[name] = found.line
		}
		if diff := cmp.Diff(each.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// progress is what Buildx v0.38.2 shows of a build, on amd64.
const progress = `#9 [linux/amd64 web 2/3] RUN npm ci
#9 DONE 70.0s

#10 [linux/arm64 web 2/3] RUN npm ci
#10 0.512 #10 DONE 900.0s
#10 ...

#11 [linux/arm64 small 2/2] RUN true
#11 DONE 1.2s

#12 [linux/arm64 stage-3  2/12] RUN apt-get install -y nginx
#12 DONE 300.5s

#13 [linux/arm64 web 3/3] COPY a b
#13 DONE 50.0s

#10 [linux/arm64 web 2/3] RUN npm ci
#10 DONE 100.4s

#14 [linux/arm64 web 3/3] RUN npm run build
#14 DONE 5.8s

#15 [linux/amd64->arm64 cross 2/2] RUN go build
#15 DONE 20.0s

#16 [linux/arm64 late 2/2] RUN make
#16 CACHED
`

const hinted = `FROM node AS web
FROM debian AS small
FROM --platform=$BUILDPLATFORM golang AS cross
FROM debian
COPY --from=web /out /out
`

func TestHint(t *testing.T) {
	options := Options{Source: t.TempDir(), Engine: Engine{Native: []string{"linux/amd64"}},
		Image: app.Image{Dockerfile: "./Dockerfile", Platforms: []string{"linux/amd64", "linux/arm64"}}}
	if got := options.hint(progress); got != "" {
		t.Errorf("without a Dockerfile: %q", got)
	}
	if err := os.WriteFile(filepath.Join(options.Source, "Dockerfile"), []byte(hinted), 0o644); err != nil {
		t.Fatal(err)
	}
	want := map[string]time.Duration{"web": 106200 * time.Millisecond, "small": 1200 * time.Millisecond,
		"stage-3": 300500 * time.Millisecond}
	if diff := cmp.Diff(want, options.emulated(progress)); diff != "" {
		t.Errorf("under emulation (-want +got):\n%s", diff)
	}
	const hint = "Dockerfile:1: stage web ran 1 min 46 s under emulation; if what is copied from it is the same " +
		"on every " +
		"platform, or if it can cross-compile, use FROM --platform=$BUILDPLATFORM"
	if got := options.hint(progress); got != hint {
		t.Errorf("%q, expected %q", got, hint)
	}
	const single = "#9 [web 2/3] RUN npm ci\n#9 DONE 9.0s\n"
	for platform, want := range map[string]bool{"linux/arm64": true, "linux/amd64": false, "linux/386": false} {
		options.Image.Platforms = []string{platform}
		if got := options.hint(single); (got != "") != want {
			t.Errorf("%s alone: %q", platform, got)
		}
	}
	options.Image.Platforms = []string{"linux/arm64"}
	for _, native := range [][]string{nil, {"linux/arm64"}, {"linux/amd64", "linux/arm64"}} {
		options.Engine.Native = native
		if got := options.hint(single); got != "" {
			t.Errorf("on %v: %q", native, got)
		}
	}
}
