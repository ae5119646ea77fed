package github

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	gh "github.com/google/go-github/v60/github"
)

// Dispatches starts workflows, also those of other repositories.
type Dispatches struct{ *connection }

// Dispatch triggers the workflows of a repository, which need not be the client's, that
// listen for this event.
// https://docs.github.com/en/rest/repos/repos#create-a-repository-dispatch-event
func (c Dispatches) Dispatch(
	ctx context.Context,
	repository Repository,
	event string,
	payload map[string]string,
) error {
	encoded, err := json.Marshal(payload)
	if err != nil {
		return fmt.Errorf("dispatch %s to %s: %w", event, repository, err)
	}
	options := gh.DispatchRequestOptions{EventType: event}
	if len(payload) > 0 {
		options.ClientPayload = (*json.RawMessage)(&encoded)
	}
	if _, _, err := c.api.Repositories.Dispatch(ctx, repository.Owner, repository.Name, options); err != nil {
		return c.fail(err, contentsWrite, "dispatch %s to %s", event, repository)
	}
	return nil
}

// DispatchWorkflow starts a workflow (by file name) of a repository at ref, a branch or
// tag.
// https://docs.github.com/en/rest/actions/workflows#create-a-workflow-dispatch-event
func (c Dispatches) DispatchWorkflow(ctx context.Context, repository Repository, workflow, ref string) error {
	event := gh.CreateWorkflowDispatchEventRequest{Ref: ref}
	if _, err := c.api.Actions.CreateWorkflowDispatchEventByFileName(
		ctx,
		repository.Owner,
		repository.Name,
		workflow,
		event,
	); err != nil {
		return c.fail(err, actionsWrite, "start the workflow %s of %s at %s", workflow, repository, ref)
	}
	return nil
}

// WorkflowState returns a workflow's state: "active", or one of the disabled states.
// https://docs.github.com/en/rest/actions/workflows#get-a-workflow
func (c Dispatches) WorkflowState(ctx context.Context, repository Repository, workflow string) (string, error) {
	found, _, err := c.api.Actions.GetWorkflowByFileName(ctx, repository.Owner, repository.Name, workflow)
	switch {
	case statusOf(err) == http.StatusNotFound:
		return "", c.say(
			http.StatusNotFound,
			"%s has no workflow %s, or it is not visible with this token: GITHUB_TOKEN needs %s",
			repository,
			workflow,
			actionsRead,
		)
	case err != nil:
		return "", c.fail(err, actionsRead, "get the workflow %s of %s", workflow, repository)
	}
	return found.GetState(), nil
}

// CanDispatch returns an error if a repository is not visible with the token. Whether the token may write there
// only becomes known with a dispatch.
func (c Dispatches) CanDispatch(ctx context.Context, repository Repository) error {
	if _, _, err := c.api.Repositories.Get(ctx, repository.Owner, repository.Name); err != nil {
		return c.fail(err, contentsWrite, "get %s, which is notified of releases", repository)
	}
	return nil
}
