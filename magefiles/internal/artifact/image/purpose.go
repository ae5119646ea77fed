package image

import (
	"cmp"
	"fmt"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// Purpose is what an image is built for. It decides which builders are tried
// first, and whether an image that is not for release is accepted.
type Purpose int

// The purposes. The zero value is the strict one.
const (
	ForRelease   Purpose = iota // it goes to a registry that others pull from
	ForRehearsal                // it goes to no registry but one on this machine
)

// notForRelease is the key of the label that says why something is not for
// release. A builder has it among its worker's labels when its base images are
// not the official ones, such a base image among its own, and what is built
// with either has it on each platform's image and on the index. An empty value
// counts: a Dockerfile can't take the label back.
const notForRelease = "io.github.hughkantsime.odin-release.not-for-release"

// Base images that earlier versions of scripts/engine made lack that label. Their
// description begins like this, and an image that is built from one inherits it.
const (
	description    = "org.opencontainers.image.description"
	equivalentMade = "Equivalent made by odin-release "
)

// Check is an error when something is not for release, for that reason, and the
// purpose is a release. No reason means that it may be released.
func (p Purpose) Check(what, reason string) error {
	if reason == "" || p == ForRehearsal {
		return nil
	}
	return fmt.Errorf("%s is not for release: %s; build with a builder that has the official base images "+
		"(build.image.builder names one; on Debian and Ubuntu with Docker Hub, sudo scripts/engine of odin-release sets one up)", what, reason)
}

// builders are the names of the builders to look for, "" for the one in use.
func (p Purpose) builders() []string {
	if p == ForRehearsal {
		return []string{testBuilder, ownBuilder, ""}
	}
	return []string{ownBuilder, "", testBuilder}
}

// reasonIn is why what has these labels, or annotations, is not for release: ""
// when nothing says so.
func reasonIn(labels map[string]string) string {
	if reason, marked := labels[notForRelease]; marked {
		return cmp.Or(reason, "its label "+notForRelease+" says so")
	}
	if strings.HasPrefix(labels[description], equivalentMade) {
		return "its label " + description + " says that a base image is not the official one"
	}
	return ""
}

// reasonOf is why a platform's image is not for release, as its configuration
// says: "" when it does not.
func reasonOf(image v1.Image) (string, error) {
	config, err := image.ConfigFile()
	if err != nil {
		return "", err
	}
	return reasonIn(config.Config.Labels), nil
}
