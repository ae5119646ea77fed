package image

import (
	"cmp"
	"fmt"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// Purpose is what an image is built for. It decides which builders are tried first and whether an image that must
// not be released is accepted.
type Purpose int

// The purposes. The zero value is the strict one.
const (
	ForRelease   Purpose = iota // for a registry that others pull from
	ForRehearsal                // for a registry on this machine only
)

// notForRelease is the key of the label that says why something must not be released. A
// builder whose base images are not the official ones has it among its worker's labels,
// and such a base image among its own. Everything built with either has it on each
// platform's image and on the index. An empty value counts too: a Dockerfile cannot
// remove the label.
const notForRelease = "io.github.hughkantsime.odin-release.not-for-release"

// Base images made by earlier versions of scripts/engine lack that label. Their
// description starts like this, and images built from them inherit it.
const (
	description    = "org.opencontainers.image.description"
	equivalentMade = "Equivalent made by odin-release "
)

// Check returns an error when the purpose is a release and reason says why something
// must not be released.
func (p Purpose) Check(what, reason string) error {
	if reason == "" || p == ForRehearsal {
		return nil
	}
	return fmt.Errorf("%s is not for release: %s; build with a builder that has the official base images "+
		"(build.image.builder names one; on Debian and Ubuntu with Docker Hub, sudo scripts/engine of "+
		"odin-release sets one up)", what, reason)
}

// builders returns the names of the builders to try; "" is the current one.
func (p Purpose) builders() []string {
	if p == ForRehearsal {
		return []string{testBuilder, ownBuilder, ""}
	}
	return []string{ownBuilder, "", testBuilder}
}

// reasonIn returns why an object with these labels or annotations must not be released,
// or "".
func reasonIn(labels map[string]string) string {
	if reason, marked := labels[notForRelease]; marked {
		return cmp.Or(reason, "its label "+notForRelease+" says so")
	}
	if strings.HasPrefix(labels[description], equivalentMade) {
		return "its label " + description + " says that a base image is not the official one"
	}
	return ""
}

// reasonOf returns why a platform's image must not be released, as its configuration
// says, or "".
func reasonOf(image v1.Image) (string, error) {
	config, err := image.ConfigFile()
	if err != nil {
		return "", err
	}
	return reasonIn(config.Config.Labels), nil
}
