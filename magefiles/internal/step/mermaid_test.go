package step_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hughkantsime/odin-release/magefiles/internal/step"
)

// drawn returns a step with work, for a drawing.
func drawn(phase, title string, needs ...*step.Step) *step.Step {
	return &step.Step{Phase: phase, Title: title, Needs: needs, Work: step.AbsentWork("it is only drawn")}
}

// effectsWork is work that consists of parts.
type effectsWork struct{ step.AbsentWork }

type part string

func (p part) Title() string                          { return string(p) }
func (part) Done(context.Context) (step.State, error) { return step.State{}, nil }
func (effectsWork) Parts(context.Context) ([]step.Part, error) {
	return []step.Part{part("push it"), part(`give the badge "Latest"`)}, nil
}

func TestDrawMermaid(t *testing.T) {
	wheels := drawn("build", "backend:vendor")
	image := drawn("build", "image:build", wheels)
	build := &step.Step{Title: "build", Needs: []*step.Step{drawn("build", "checksums", wheels, image)}}
	platforms := &step.Step{Title: "verify", Needs: []*step.Step{
		drawn("verify", "linux/amd64"), drawn("verify", "linux/arm64"),
	}}
	verify := &step.Step{
		Title:   "verify",
		InOrder: true,
		Needs:   []*step.Step{platforms, drawn("verify", "record"), drawn("verify", "end")},
	}
	effects := &step.Step{Phase: "publish", Title: "effects", Work: effectsWork{}}
	publish := &step.Step{Title: "publish", Needs: []*step.Step{effects}}
	for want, target := range map[string]*step.Step{
		// An arrow that others imply is left out, and phases follow each other.
		`
  subgraph build["build"]
    direction TB
    build_backend_vendor["backend:vendor"]
    build_image_build["image:build"]
    build_checksums["checksums"]
    build_backend_vendor --> build_image_build
    build_image_build --> build_checksums
  end
  subgraph publish["publish"]
    direction TB
    publish_effects["effects:
      push it
      give the badge 'Latest'"]
  end
  build --> publish
`: {Title: "release", InOrder: true, Needs: []*step.Step{build, publish}},
		// What runs in order is joined by arrows, from the last steps of a group to the first of the next.
		`
  subgraph verify["verify"]
    direction LR
    verify_linux_amd64["linux/amd64"]
    verify_linux_arm64["linux/arm64"]
    verify_record["record"]
    verify_end["end"]
    verify_linux_amd64 --> verify_record
    verify_linux_arm64 --> verify_record
    verify_record --> verify_end
  end
`: verify,
	} {
		var out strings.Builder
		if err := step.Draw(t.Context(), &out, target, "mermaid"); err != nil {
			t.Fatal(err)
		}
		_, got, _ := strings.Cut(out.String(), "flowchart TB")
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", target.Title, diff)
		}
	}
}
