package app

import (
	"cmp"
	"slices"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/pattern"
)

// platformName matches the form of a platform, with its architecture and variant.
var platformName = pattern.Lazy(`^linux/([A-Za-z0-9_]+)(/v[0-9]+)?$`)

// architectures are the values of GOARCH that container images exist for, with their
// variants (https://github.com/docker-library/official-images#architectures-other-than-amd64).
var architectures = map[string][]string{
	"386": nil, "amd64": {"/v1", "/v2", "/v3", "/v4"}, "arm": {"/v5", "/v6", "/v7"}, "arm64": {"/v8"},
	"loong64": nil, "mips64le": nil, "ppc64le": nil, "riscv64": nil, "s390x": nil,
}

// otherArchitectures are what machines and distributions call an architecture, by GOARCH.
var otherArchitectures = map[string]string{
	"x86_64": "amd64", "x64": "amd64", "i386": "386", "i686": "386", "x86": "386", "aarch64": "arm64",
	"armhf": "arm/v7", "armv7": "arm/v7", "armv7l": "arm/v7", "armv6": "arm/v6", "armel": "arm/v5",
}

// platformProblem returns why an image cannot be built for a platform, or "".
func platformProblem(platform string) string {
	match := platformName().FindStringSubmatch(platform)
	if match == nil {
		return "is not of the form linux/arch"
	}
	variants, known := architectures[match[1]]
	if known && (match[2] == "" || slices.Contains(variants, match[2])) {
		return ""
	}
	var names []string
	for arch, variants := range architectures {
		names = append(names, "linux/"+arch)
		for _, variant := range variants {
			names = append(names, "linux/"+arch+variant)
		}
	}
	name := strings.ToLower(match[1])
	meant := cmp.Or(otherArchitectures[name], name)
	return "is not one that container images are made for" + suggestion("linux/"+meant+match[2], names)
}
