package standin

// ledger is GitHub's state besides its git repository.
type ledger struct {
	Next      int64      `json:"next"`   // the last id
	Latest    int64      `json:"latest"` // the release that was marked as latest, or 0
	Releases  []*release `json:"releases"`
	Pulls     []*pull    `json:"pulls"`
	Events    []Dispatch `json:"events"`
	Workflows []Dispatch `json:"workflows"`
	Burned    []string   `json:"burned"` // tags of immutable releases that were deleted
	Late      []string   `json:"late"`   // tags of published releases of which an asset was changed, once per change
}

// id returns the next id, for objects that are stored.
func (l *ledger) id() int64 {
	l.Next++
	return l.Next
}

// find returns the release that a request names. A client without a token sees no drafts.
func (l *ledger) find(c *call) (*release, error) {
	id, err := c.id("id")
	if err != nil {
		return nil, err
	}
	for _, r := range l.Releases {
		if r.ID == id && (!r.Draft || c.signedIn) {
			return r, nil
		}
	}
	return nil, notFound()
}
