package targets

import (
	"fmt"

	"github.com/hughkantsime/odin-release/magefiles/internal/app"
	"github.com/hughkantsime/odin-release/magefiles/internal/outside/announce"
	"github.com/hughkantsime/odin-release/magefiles/internal/release/publish"
)

// webhookVariables returns the variables with the addresses of channels.
func webhookVariables() []string {
	var list []string
	for _, kind := range app.ChannelKinds {
		list = append(list, announce.Variable(kind))
	}
	return list
}

// channels returns where a release is announced, and what keeps it from being announced there.
func (p delivery) channels() (channels []publish.Channel, problems []publish.Check) {
	for _, to := range p.app.Config.Announce.To {
		address := p.outside.webhooks[to.Kind]
		opened, err := announce.Channel(nil), error(nil)
		if address == "" {
			err = fmt.Errorf(
				"%s is not set; set it, or say why nothing is announced in announce.absent of release.yaml",
				announce.Variable(to.Kind),
			)
		} else {
			opened, err = announce.Open(to, address, p.transport)
		}
		if err != nil {
			name := "announce to " + to.Kind
			if to.Kind == announce.KindDiscord {
				name = "announce on Discord"
			}
			problems = append(problems, publish.Check{Name: name, Problem: err})
			continue
		}
		channels = append(channels, publish.Channel{Kind: to.Kind, Channel: opened})
	}
	return channels, problems
}
