package standin

import (
	"net/http"

	"github.com/Masterminds/semver/v3"
)

func (s releaseAPI) getLatest(*call) (answer, error) {
	latest := s.ledger.latest()
	if latest == nil {
		return answer{}, notFound()
	}
	return answer{status: http.StatusOK, body: s.site.releaseBody(latest)}, nil
}

// latest returns the release with the badge: the one that was marked, otherwise the
// newest stable one by date and version ("legacy").
func (l *ledger) latest() *release {
	var best *release
	for _, r := range l.Releases {
		switch {
		case r.Draft || r.Prerelease:
		case r.ID == l.Latest:
			return r
		case best == nil || newer(r, best):
			best = r
		}
	}
	return best
}

func newer(a, b *release) bool {
	if order := a.Created.Compare(b.Created); order != 0 {
		return order > 0
	}
	one, err := semver.NewVersion(a.Tag)
	two, other := semver.NewVersion(b.Tag)
	return err == nil && other == nil && one.GreaterThan(two)
}

// badge moves the badge as a request to create or edit a release asks.
func (l *ledger) badge(r *release, asked *string, publishes bool) {
	switch {
	case asked != nil && *asked == "true", asked == nil && publishes && !r.Prerelease:
		l.Latest = r.ID
	case asked != nil && *asked == "legacy":
		l.Latest = 0
	case l.Latest == r.ID && (asked != nil || r.Draft || r.Prerelease):
		l.Latest = 0
	}
}
