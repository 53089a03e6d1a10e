package provider

import "time"

// On is the catalogue by another clock.
func (c *Catalogue) On(now func() time.Time) *Catalogue {
	there := *c
	there.now = now
	return &there
}

// Len counts what is remembered.
func (r *Ratios) Len() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.known)
}
