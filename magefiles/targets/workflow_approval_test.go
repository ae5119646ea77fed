package targets_test

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"
)

// TestWorkflowApproval: the environment that release.yaml names is entered after the verification, by a job that may
// nothing and runs nothing of the app; reviewers have a summary by then. What they approve is what is promoted.
func TestWorkflowApproval(t *testing.T) {
	jobs := readWorkflow(t, releaseWorkflow(t)).Jobs
	const named = "${{ needs.plan.outputs.approval }}"
	for id, job := range jobs {
		wants := ""
		if id == "approve" {
			wants = named
		}
		if job.Environment != wants {
			t.Errorf("%s has the environment %q, expected %q", id, job.Environment, wants)
		}
	}
	approve, review, promote := jobs["approve"], jobs["review"], jobs["promote"]
	if len(approve.Permissions) > 0 || approve.If != named || review.If != named || // an empty name skips both
		fmt.Sprint(review.Needs) != "[plan publish verify]" || fmt.Sprint(approve.Needs) != "[plan review]" ||
		fmt.Sprint(promote.Needs) != "[plan publish verify approve]" {
		t.Errorf("approve: %+v\nreview: %+v\npromote needs %v", approve, review, promote.Needs)
	}
	last := promote.Steps[len(promote.Steps)-2]
	if !strings.HasSuffix(last.Run, ` -approve="$APPROVED"`+"\n") &&
		!strings.HasSuffix(last.Run, ` -approve="$APPROVED"`) ||
		last.Env["APPROVED"] != "${{ needs.plan.outputs.approval && needs.approve.outputs.digest }}" {
		t.Errorf("promote runs %q with %v", last.Run, last.Env)
	}
	told := handover{workflow{Jobs: jobs}, map[string]string{"needs.review.outputs.digest": "sha256:abc"}}
	if err := told.step(t, "approve", "approved", t.TempDir(), nil); err != nil ||
		told.outputs["needs.approve.outputs.digest"] != "sha256:abc" {
		t.Errorf("approve passes on %q: %v", told.outputs, err)
	}
}

// TestWorkflowPromotes: only what was verified is promoted and, where an approval is needed, only what was approved.
func TestWorkflowPromotes(t *testing.T) {
	condition := readWorkflow(t, releaseWorkflow(t)).Jobs["promote"].If
	for _, test := range []struct {
		verify, approve, approval string
		promotes                  bool
	}{
		{"success", "success", "production", true},
		{"success", "failure", "production", false}, // a reviewer has rejected it
		{"success", "skipped", "production", false}, // there was nothing to review
		{"success", "cancelled", "production", false},
		{"success", "skipped", "", true}, // nobody has to approve it
		{"failure", "skipped", "", false},
		{"failure", "success", "production", false},
		{"skipped", "skipped", "", false},
	} {
		// The operators mean the same in bash.
		text := strings.NewReplacer("${{", "[[", "}}", "]]", "!cancelled()", "true", "needs.verify.result", test.verify,
			"needs.approve.result", test.approve, "needs.plan.outputs.approval", "'"+test.approval+"'", "\n", " ").
			Replace(condition)
		err := exec.CommandContext(t.Context(), "bash", "-c", text).Run()
		if strings.Contains(text, "needs.") || (err == nil) != test.promotes {
			t.Errorf("%+v: %s: %v", test, text, err)
		}
	}
}
