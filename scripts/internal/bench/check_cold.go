package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// measureCold compares releaseCheck without any result with its critical path, and with its steps one after the other.
func (c *check) measureCold(ctx context.Context) error {
	if !c.cold {
		return nil
	}
	say("releaseCheck without any result, then one step at a time")
	whole := command(c.app(), c.pipeline, "releaseCheck", "-again")
	took, err := whole.run(ctx)
	if err != nil {
		return err
	}
	nodes, steps, err := c.trace(ctx, c.app())
	if err != nil {
		return err
	}
	path := critical(nodes, steps)
	serial, err := command(c.app(), c.pipeline, "releaseCheck", "-again").with("ODIN_JOBS=1").run(ctx)
	if err != nil {
		return err
	}
	c.table.add("no stored result: releaseCheck", took, relative(took, path), "at most 1.1 times its critical path",
		float64(took) <= 1.1*float64(path))
	c.table.note("  its critical path", path, "")
	c.table.add("  one step at a time", serial, relative(took, serial), "releaseCheck at most 0.7 times that",
		float64(took) <= 0.7*float64(serial))
	for _, each := range nodes {
		if !each.Group && steps[each.Step] >= time.Second {
			c.table.note("    "+each.Step, steps[each.Step], "")
		}
	}
	return nil
}

// measurePlatforms compares releaseCheck without any result for two platforms with one for the builder's own, and the
// builds of the image alone. Each run begins with a change that no cached layer has; the base images are there.
func (c *check) measurePlatforms(ctx context.Context) error {
	if !c.cold {
		return nil
	}
	say("releaseCheck, and the image alone, for one platform and for two")
	one, two := &platforms{list: "linux/amd64"}, &platforms{list: "linux/amd64, linux/arm64"}
	for range coldRounds {
		for _, each := range []*platforms{one, two} {
			if err := c.build(ctx, each); err != nil {
				return err
			}
		}
	}
	c.table.note("no stored result: releaseCheck for one platform", one.whole, "")
	c.table.add("  for two platforms", two.whole, relative(two.whole, one.whole), "at most 1.25 times one",
		float64(two.whole) <= 1.25*float64(one.whole))
	c.table.note("  the image alone, for one platform", one.image, "")
	c.table.note("  the image alone, for two platforms", two.image, relative(two.image, one.image))
	if err := os.Remove(c.configuration()); err != nil {
		return err
	}
	_, err := gitIn(ctx, c.app(), nil, "checkout", "--quiet", "--", ".")
	return err
}

// platforms are those that an image is built for, and the shortest times that it took.
type platforms struct {
	list         string
	whole, image time.Duration
}

// configuration returns a file that the sample does not have.
func (c *check) configuration() string { return filepath.Join(c.app(), "release.yaml") }

// build measures releaseCheck and the build of the image alone for platforms.
func (c *check) build(ctx context.Context, of *platforms) error {
	text := fmt.Sprintf("build: {image: {platforms: [%s]}}\n", of.list)
	if err := os.WriteFile(c.configuration(), []byte(text), 0o644); err != nil {
		return err
	}
	if err := c.freshLayers(of.list); err != nil {
		return err
	}
	whole, err := command(c.app(), c.pipeline, "releaseCheck", "-again").run(ctx)
	if err != nil {
		return err
	}
	if err := c.freshLayers(of.list); err != nil {
		return err
	}
	if _, err := command(c.app(), c.pipeline, "image:build").run(ctx); err != nil {
		return err
	}
	_, steps, err := c.trace(ctx, c.app())
	of.whole, of.image = least(of.whole, whole), least(of.image, steps["image:build"])
	return err
}

// freshLayers changes what each layer of the app's own is made from, to something that no earlier run has cached.
func (c *check) freshLayers(what string) error {
	stamp := fmt.Sprintf("%s, %d", what, time.Now().UnixNano())
	dockerfile := filepath.Join(c.app(), "Dockerfile")
	before, err := os.ReadFile(dockerfile)
	if err != nil {
		return err
	}
	after := bytes.ReplaceAll(before, []byte("$INSTALL "), fmt.Appendf(nil, ": %q && $INSTALL ", stamp))
	if bytes.Equal(before, after) {
		return errors.New("the sample's Dockerfile installs nothing with $INSTALL any more")
	}
	if err := os.WriteFile(dockerfile, after, 0o644); err != nil {
		return err
	}
	for file, text := range map[string]string{
		"frontend/src/version.ts": "// " + stamp + "\n",
		"backend/app/version.py":  "# " + stamp + "\n",
	} {
		opened, err := os.OpenFile(filepath.Join(c.app(), filepath.FromSlash(file)), os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		_, err = opened.WriteString(text)
		if closed := opened.Close(); err == nil {
			err = closed
		}
		if err != nil {
			return err
		}
	}
	return nil
}
