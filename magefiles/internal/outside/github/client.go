// Package github is what a release asks of GitHub: tags, releases and their
// assets, commits on a branch, dispatches
// (https://docs.github.com/en/rest?apiVersion=2022-11-28).
//
// Each method is one thing said to GitHub, in the words of a release; waiting
// and repeating are the transport's business (package web). An error is one
// line that names what was asked, what GitHub answered, and what the token lacks.
package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	gh "github.com/google/go-github/v60/github"
)

// Repository is a repository on GitHub.
type Repository struct{ Owner, Name string }

// https://docs.github.com/en/rest/repos/repos: what GitHub takes for an owner and a name.
var repositoryForm = regexp.MustCompile(`^([A-Za-z0-9][A-Za-z0-9_-]*)/([A-Za-z0-9._-]+)$`)

// ParseRepository reads "owner/name", or a web address such as
// https://github.com/owner/name. The error does not repeat an address that
// holds credentials.
func ParseRepository(text string) (Repository, error) {
	path := text
	if parsed, err := url.Parse(
		text,
	); err == nil && (parsed.Scheme == "https" || parsed.Scheme == "http") &&
		parsed.Host != "" {
		path = strings.TrimSuffix(strings.Trim(parsed.Path, "/"), ".git")
	}
	match := repositoryForm.FindStringSubmatch(path)
	switch {
	case match != nil && match[2] != "." && match[2] != "..":
		return Repository{Owner: match[1], Name: match[2]}, nil
	case strings.Contains(text, "@"):
		return Repository{}, errors.New(
			"read the repository: expected owner/name or https://github.com/owner/name, without a user or password",
		)
	}
	return Repository{}, fmt.Errorf(
		"read the repository %q: expected owner/name or https://github.com/owner/name",
		text,
	)
}

// String is owner/name.
func (r Repository) String() string { return r.Owner + "/" + r.Name }

// Client talks with GitHub about one repository. It can be used by several
// goroutines at once.
type Client struct {
	repository Repository
	api        *gh.Client
	plain      *http.Client // knows no token
	session    *session
}

const (
	publicAPI = "https://api.github.com/"
	agent     = "odin-release (https://github.com/hughkantsime/odin-release)"
)

// New returns a client. api is the API's root, "" for https://api.github.com/
// (GitHub Enterprise: https://HOST/api/v3/); token may be "", which is enough to
// read what is public. The token goes to the API and to the host of its uploads,
// nowhere else.
func New(api, token string, repository Repository, transport http.RoundTripper) (*Client, error) {
	if api == "" {
		api = publicAPI
	}
	root, err := url.Parse(api)
	if err != nil || root.Scheme != "https" && root.Scheme != "http" || root.Host == "" || root.User != nil ||
		root.RawQuery != "" {
		return nil, errors.New("talk with GitHub: the API's root is not an address such as https://api.github.com/")
	}
	if strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return nil, errors.New(
			"talk with GitHub: GITHUB_TOKEN holds a space, a line break or another character that no token has",
		)
	}
	if repository.Owner == "" || repository.Name == "" {
		return nil, errors.New("talk with GitHub: no repository is named; expected owner/name")
	}
	root.Path = strings.TrimSuffix(root.Path, "/") + "/"
	s := &session{token: token, origins: origins(root), next: transport}
	client := gh.NewClient(&http.Client{Transport: s, CheckRedirect: stayWithToken})
	client.BaseURL, client.UserAgent = root, agent
	return &Client{repository: repository, api: client, plain: &http.Client{Transport: transport}, session: s}, nil
}

// origins are where the token may go: the API and its uploads. The uploads of
// api.github.com are at uploads.github.com, those of an Enterprise server at its own host.
func origins(root *url.URL) []string {
	found := []string{origin(root)}
	if rest, ok := strings.CutPrefix(root.Host, "api."); ok {
		found = append(found, root.Scheme+"://uploads."+rest)
	}
	return found
}

func origin(u *url.URL) string { return strings.ToLower(u.Scheme + "://" + u.Host) }

// stayWithToken follows a repository that has moved (301, 307, 308); the 302 of
// a download leads to a storage that must not see the token.
func stayWithToken(next *http.Request, via []*http.Request) error {
	if next.Response != nil && next.Response.StatusCode == http.StatusFound || len(via) >= 5 {
		return http.ErrUseLastResponse
	}
	return nil
}

// session adds the token to what goes to GitHub, and to nothing else.
type session struct {
	token   string
	origins []string
	next    http.RoundTripper
}

func (s *session) trusts(u *url.URL) bool {
	for _, each := range s.origins {
		if origin(u) == each {
			return true
		}
	}
	return false
}

// RoundTrip sends a request as the token's owner. The answer loses the headers
// from which go-github would conclude that it need not ask again: when to ask is
// decided by the transport underneath.
func (s *session) RoundTrip(request *http.Request) (*http.Response, error) {
	request = request.Clone(request.Context())
	request.Header.Del("Authorization")
	if s.token != "" && s.trusts(request.URL) {
		request.Header.Set("Authorization", "Bearer "+s.token)
	}
	response, err := s.next.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	for _, name := range []string{"X-Ratelimit-Limit", "X-Ratelimit-Remaining", "X-Ratelimit-Reset", "Retry-After"} {
		response.Header.Del(name)
	}
	return response, nil
}

// path is an API path of the repository.
func (c *Client) path(format string, args ...any) string {
	return fmt.Sprintf("repos/%s/%s", c.repository, fmt.Sprintf(format, args...))
}

// do asks the API for a path with a JSON body (nil for none), and decodes its
// answer into into.
func (c *Client) do(
	ctx context.Context,
	method, path string,
	body, into any,
	options ...gh.RequestOption,
) (*gh.Response, error) {
	request, err := c.api.NewRequest(method, path, body, options...)
	if err != nil {
		return nil, err
	}
	return c.api.Do(ctx, request, into)
}

// accept asks for another form of the answer.
func accept(mediaType string) gh.RequestOption {
	return func(r *http.Request) { r.Header.Set("Accept", mediaType) }
}

// perPage is the most that GitHub puts on a page.
const perPage = 100

// all collects the pages of a list.
func all[T any](ctx context.Context, c *Client, path string) ([]T, error) {
	var found []T
	for page := 1; page != 0; {
		var some []T
		response, err := c.do(
			ctx,
			http.MethodGet,
			fmt.Sprintf("%s?per_page=%d&page=%d", path, perPage, page),
			nil,
			&some,
		)
		if err != nil {
			return nil, err
		}
		found = append(found, some...)
		page = response.NextPage
	}
	return found, nil
}
