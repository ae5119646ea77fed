package targets

import (
	"context"
	"io"
	"net/http"

	"github.com/hughkantsime/odin-release/magefiles/internal/report"
	"github.com/hughkantsime/odin-release/magefiles/internal/system/run"
)

// uploads shows how much of a large body has been sent.
type uploads struct{ next http.RoundTripper }

// shownUpload is the smallest body whose progress is shown, in bytes.
const shownUpload = 1 << 20

func (u uploads) RoundTrip(request *http.Request) (*http.Response, error) {
	small := request.ContentLength >= 0 && request.ContentLength < shownUpload
	if request.Body == nil || request.Body == http.NoBody || small {
		return u.next.RoundTrip(request)
	}
	counted := request.Clone(request.Context())
	counted.Body = &upload{ReadCloser: request.Body, ctx: request.Context(), total: request.ContentLength}
	return u.next.RoundTrip(counted)
}

// upload is a body that is being sent.
type upload struct {
	io.ReadCloser
	ctx         context.Context
	sent, total int64
}

func (u *upload) Read(data []byte) (int, error) {
	n, err := u.ReadCloser.Read(data)
	u.sent += int64(n)
	if u.total > 0 {
		run.Status(u.ctx, "%s of %s sent", report.Size(u.sent), report.Size(u.total))
	} else {
		run.Status(u.ctx, "%s sent", report.Size(u.sent))
	}
	return n, err
}
