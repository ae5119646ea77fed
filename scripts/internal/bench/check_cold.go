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

// measurePlatforms compares an image for two platforms with one for the builder's own. Each build begins with a change
// that no cached layer has; the base images are there.
func (c *check) measurePlatforms(ctx context.Context) error {
	if !c.cold {
		return nil
	}
	say("an image for one platform, and for two")
	config := filepath.Join(c.app(), "release.yaml") // which the sample does not have
	var one, two time.Duration
	for round := range coldRounds {
		for _, each := range []struct {
			platforms string
			least     *time.Duration
		}{
			{"linux/amd64", &one},
			{"linux/amd64, linux/arm64", &two},
		} {
			text := fmt.Sprintf("build: {image: {platforms: [%s]}}\n", each.platforms)
			if err := os.WriteFile(config, []byte(text), 0o644); err != nil {
				return err
			}
			if err := c.freshLayers(fmt.Sprintf("%s of round %d", each.platforms, round)); err != nil {
				return err
			}
			if _, err := command(c.app(), c.pipeline, "image:build").run(ctx); err != nil {
				return err
			}
			_, steps, err := c.trace(ctx, c.app())
			if err != nil {
				return err
			}
			*each.least = least(*each.least, steps["image:build"])
		}
	}
	c.table.note("image for one platform", one, "")
	c.table.add("image for two platforms", two, relative(two, one), "at most 1.25 times one",
		float64(two) <= 1.25*float64(one))
	if err := os.Remove(config); err != nil {
		return err
	}
	_, err := gitIn(ctx, c.app(), nil, "checkout", "--quiet", "--", ".")
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
