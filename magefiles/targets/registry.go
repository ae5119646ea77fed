package targets

import (
	"net/http"
	"strings"

	"github.com/hughkantsime/odin-release/magefiles/internal/outside/registry"
)

// openRegistry opens the image's repository; nil when the app has no image.
func (p delivery) openRegistry(transport http.RoundTripper) (*registry.Repository, error) {
	config := p.app.Config.Build.Image
	if config.Absent != "" {
		return nil, nil
	}
	return p.openImage(config.Name, transport)
}

// openImage opens the repository of an image.
func (p delivery) openImage(name string, transport http.RoundTripper) (*registry.Repository, error) {
	host := ""
	if p.outside.registry != "" {
		_, path, _ := strings.Cut(name, "/")
		name, host = p.outside.registry+"/"+path, p.outside.registry
	}
	opened, err := registry.Open(
		name,
		registry.Access{Transport: transport, Token: p.outside.token, TokenHost: host, Alone: p.outside.alone},
	)
	if err != nil {
		return nil, err
	}
	p.redactor.Learn(opened.Secrets()...) // a registry's error may repeat what it was sent
	return opened, nil
}
