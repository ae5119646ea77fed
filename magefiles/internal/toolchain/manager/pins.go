package manager

import (
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
)

// pins are the versions that are used if package.json names none. Each reads one format of a lock, which a newer
// version would refuse or rewrite. The integrity is the registry's: npm view NAME@VERSION dist.integrity.
var pins = map[string]Source{
	"pnpm": {
		Name: "pnpm", Version: "10.34.9",
		Integrity: "sha512-9JtajqD97bRLs8DB1ldQkqU8KVDZW3rRXfEfF5dId6LeOgHAfpNOmyjOcW5RwJqUlixzBtCb4uHksYqMh2L9Mg==",
	},
	"pnpm 6.0": {
		Name: "pnpm", Version: "8.15.9",
		Integrity: "sha512-SZQ0ydj90aJ5Tr9FUrOyXApjOrzuW7Fee13pDzL0e1E6ypjNXP0AHDHw20VLw4BO3M1XhQHkyik6aBYWa72fgQ==",
	},
	"yarn": {
		Name: "@yarnpkg/cli-dist", Version: "4.18.1",
		Integrity: "sha512-EH+A4TxAtBWXKE0DGQxW9Bo9crXHLJ73mfxjTQJuv8XonNWWTpei8BQ5JjczHJNU9GROTycwMFn8iOvRIZXUcA==",
	},
	"yarn 6": {
		Name: "@yarnpkg/cli-dist", Version: "3.8.7",
		Integrity: "sha512-YMoAlLR9f+kxXjK72ggBIidi3ulQQrQpMSxzrLUt0OUk9Xdst2v26LBSYFlzOm+7KRNWgYIJpFjA8uRnCgB5xQ==",
	},
	"yarn 8": {
		Name: "@yarnpkg/cli-dist", Version: "4.13.0",
		Integrity: "sha512-c0YdSja652OezJqFnz9+pZwKfKAiBu2aRPJiHPU73sirTGgvQRTyaS5Y6PQHAmmaoa3RjCY6f3L2q9g8S/urqw==",
	},
	"yarn 9": {
		Name: "@yarnpkg/cli-dist", Version: "4.14.1",
		Integrity: "sha512-62uYRCYBnAwNZ1Y4uMh0iUXtgZe4frwAgd5dJFoTu/uWMZWpJzxY2ib0cAva1eiy1L2jiDR0dS1Os+1osiIxvA==",
	},
	"yarn classic": {
		Name: "yarn", Version: "1.22.22",
		Integrity: "sha512-prL3kGtyG7o9Z9Sv8IPfBNrWTDmXB4Qbes8A9rEzt6wkJV8mUvoirjU0Mp3GGAU06Y0XQyA3/2/RQFVuK7MTfg==",
	},
}

// Pins identify the pinned managers.
func Pins() []string {
	var list []string
	for _, pin := range pins {
		list = append(list, pin.Name+"@"+pin.Version+" "+pin.Integrity)
	}
	slices.Sort(list)
	return list
}

// pnpmPin returns the pin for a lock of pnpm
// (https://github.com/pnpm/spec/tree/master/lockfile).
func pnpmPin(lock []byte) string {
	var head struct {
		LockfileVersion any `yaml:"lockfileVersion"`
	}
	if len(lock) == 0 || yaml.Unmarshal(lock, &head) != nil || fmt.Sprint(head.LockfileVersion) == "9.0" {
		return "pnpm"
	}
	return fmt.Sprintf("pnpm %v", head.LockfileVersion)
}

// yarnPin returns the pin for a lock of yarn, and whether it is one of yarn 2 or later. If the lock is missing or
// empty, the version decides.
func yarnPin(lock []byte, version string) (pin string, berry bool) {
	var head struct {
		Metadata struct{ Version any } `yaml:"__metadata"`
	}
	switch {
	case len(lock) == 0:
		return "yarn", version != "" && !strings.HasPrefix(version, "1.")
	case !strings.Contains(string(lock), "\n__metadata:"):
		return "yarn classic", false
	case yaml.Unmarshal(lock, &head) != nil || fmt.Sprint(head.Metadata.Version) == "10":
		return "yarn", true
	}
	return fmt.Sprintf("yarn %v", head.Metadata.Version), true
}
