// Package github is a client for the parts of GitHub's API that a release needs: tags,
// releases and their assets, commits on a branch, dispatches
// (https://docs.github.com/en/rest?apiVersion=2022-11-28).
//
// Each method makes one change or asks one question; waiting and retrying is done by
// the transport (package web). An error is one line that says what was requested, what
// GitHub answered, and which permission the token lacks.
package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	gh "github.com/google/go-github/v60/github"

	"github.com/hughkantsime/odin-release/magefiles/internal/system/pattern"
)

// Repository is a repository on GitHub.
type Repository struct{ Owner, Name string }

// What GitHub allows as an owner and a name:
// https://docs.github.com/en/rest/repos/repos
var repositoryForm = pattern.Lazy(`^([A-Za-z0-9][A-Za-z0-9_-]*)/([A-Za-z0-9._-]+)$`)

// ParseRepository parses "owner/name", or a web address such as
// https://github.com/owner/name. The error does not contain an address that holds
// credentials.
func ParseRepository(text string) (Repository, error) {
	path := text
	if parsed, err := url.Parse(
		text,
	); err == nil && (parsed.Scheme == "https" || parsed.Scheme == "http") &&
		parsed.Host != "" {
		path = strings.TrimSuffix(strings.Trim(parsed.Path, "/"), ".git")
	}
	match := repositoryForm().FindStringSubmatch(path)
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

// String returns owner/name.
func (r Repository) String() string { return r.Owner + "/" + r.Name }

// Client calls GitHub's API for one repository. It is safe for concurrent use.
type Client struct {
	*connection
	Releases   Releases
	Code       Code
	Dispatches Dispatches
	Records    Records
}

// connection sends requests to the API, and describes what fails.
type connection struct {
	repository Repository
	api        *gh.Client
	plain      *http.Client // sends no token
	session    *session
}

const (
	publicAPI = "https://api.github.com/"
	agent     = "odin-release (https://github.com/hughkantsime/odin-release)"
)

// New returns a client. api is the API's root, "" for https://api.github.com/ (GitHub
// Enterprise: https://HOST/api/v3/); token may be "", which is enough to read public
// data. The token is sent to the API and to its upload host only.
func New(api, token string, repository Repository, transport http.RoundTripper) (*Client, error) {
	if api == "" {
		api = publicAPI
	}
	root, err := url.Parse(api)
	if err != nil || root.Scheme != "https" && root.Scheme != "http" || root.Host == "" || root.User != nil ||
		root.RawQuery != "" {
		return nil, errors.New("connect to GitHub: the API's root is not an address such as https://api.github.com/")
	}
	if strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return nil, errors.New(
			"connect to GitHub: GITHUB_TOKEN holds a space, a line break or another character that no token has",
		)
	}
	if repository.Owner == "" || repository.Name == "" {
		return nil, errors.New("connect to GitHub: no repository is named; expected owner/name")
	}
	root.Path = strings.TrimSuffix(root.Path, "/") + "/"
	s := &session{token: token, origins: origins(root), next: transport}
	client := gh.NewClient(&http.Client{Transport: s, CheckRedirect: stayWithToken})
	client.BaseURL, client.UserAgent = root, agent
	c := &connection{repository: repository, api: client, plain: &http.Client{Transport: transport}, session: s}
	return &Client{connection: c, Releases: Releases{c}, Code: Code{c}, Dispatches: Dispatches{c},
		Records: Records{c}}, nil
}

// origins returns the hosts that may get the token: the API and its upload host. Uploads of api.github.com go to
// uploads.github.com, those of an Enterprise server to its own host.
func origins(root *url.URL) []string {
	found := []string{origin(root)}
	if rest, ok := strings.CutPrefix(root.Host, "api."); ok {
		found = append(found, root.Scheme+"://uploads."+rest)
	}
	return found
}

func origin(u *url.URL) string { return strings.ToLower(u.Scheme + "://" + u.Host) }

// stayWithToken follows the redirect of a repository that has moved (301, 307, 308),
// but not the 302 of a download, which leads to a storage that must not see the token.
func stayWithToken(next *http.Request, via []*http.Request) error {
	if next.Response != nil && next.Response.StatusCode == http.StatusFound || len(via) >= 5 {
		return http.ErrUseLastResponse
	}
	return nil
}

// session adds the token to requests to GitHub, and to no others.
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

// RoundTrip sends a request with the token. It removes the rate limit headers from the
// response, by which go-github would refuse later requests: the transport underneath
// decides when to wait.
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

// path returns an API path of the repository.
func (c *connection) path(format string, args ...any) string {
	return fmt.Sprintf("repos/%s/%s", c.repository, fmt.Sprintf(format, args...))
}

// do sends a request to an API path with a JSON body, which may be nil, and decodes the response into into.
func (c *connection) do(
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

// DefaultBranch returns the repository's default branch.
// https://docs.github.com/en/rest/repos/repos#get-a-repository
func (c *connection) DefaultBranch(ctx context.Context) (string, error) {
	found, _, err := c.api.Repositories.Get(ctx, c.repository.Owner, c.repository.Name)
	if err != nil {
		return "", c.fail(err, contentsRead, "get the default branch of %s", c.repository)
	}
	return found.GetDefaultBranch(), nil
}

// accept asks for another media type.
func accept(mediaType string) gh.RequestOption {
	return func(r *http.Request) { r.Header.Set("Accept", mediaType) }
}

// perPage is the largest page that GitHub returns.
const perPage = 100

// all collects the pages of a list.
func all[T any](ctx context.Context, c *connection, path string) ([]T, error) {
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
