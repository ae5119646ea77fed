package targets

import "testing"

// TestOrigin takes the repository of a remote on GitHub, and on a server that the environment
// names. Of any other host it says so.
func TestOrigin(t *testing.T) {
	const instead = "set GITHUB_REPOSITORY to owner/name of the repository on GitHub"
	enterprise := outside{server: "https://ghe.example.org", api: "https://api.tenant.example.com/"}
	for _, each := range []struct {
		outside outside
		remote  string
		want    string // the repository, or the error
	}{
		{outside{}, "https://github.com/me/shop.git", "me/shop"},
		{outside{}, "git@GitHub.com:me/shop.git", "me/shop"},
		{outside{}, "ssh://git@ssh.github.com:443/me/shop.git", "me/shop"},
		{outside{}, "https://gitlab.com/me/shop", "origin is on gitlab.com, not on GitHub; " + instead},
		{outside{}, "git@gitlab.com:me/shop.git", "origin is on gitlab.com, not on GitHub; " + instead},
		{outside{}, "https://github.com.example.org/me/shop",
			"origin is on github.com.example.org, not on GitHub; " + instead},
		{outside{}, "/srv/shop.git", "origin /srv/shop.git is not on GitHub; " + instead},
		{outside{}, "", "there is no remote origin on GitHub; " + instead +
			", or origin to https://github.com/OWNER/NAME"},
		{enterprise, "git@ghe.example.org:me/shop.git", "me/shop"},
		{enterprise, "https://tenant.example.com/me/shop", "me/shop"},
		{enterprise, "https://gitlab.com/me/shop", "origin is on gitlab.com, not on GitHub; " + instead},
		{outside{api: "http://127.0.0.1:4000/"}, "http://127.0.0.1:5000/me/shop", "me/shop"},
		{outside{repository: "ada/app"}, "https://gitlab.com/me/shop", "ada/app"},
	} {
		got, err := each.outside.here(each.remote)
		said := got.String()
		if err != nil {
			said = err.Error()
		}
		if said != each.want {
			t.Errorf("%s: %s, expected %s", each.remote, said, each.want)
		}
	}
}
