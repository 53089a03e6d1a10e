package provider

import "time"

// On is the catalogue by another clock.
func (c *Catalogue) On(now func() time.Time) *Catalogue {
	there := *c
	there.now = now
	return &there
}
