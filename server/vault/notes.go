package vault

import (
	"context"
	"maps"
	"sync"
	"time"
)

// notedEvery is how exactly it is kept when a key was used last.
const notedEvery = time.Minute

// mostPages bounds for how many keys a notebook remembers what it has written.
const mostPages = 10_000

// notebook gathers notes until they are written.
type notebook struct {
	mu    sync.Mutex
	pages map[KeyID]*page
}

// page is what is noted of one key.
type page struct {
	last    Note
	due     bool      // last is to be written
	written time.Time // the time of the last note that was
	trouble bool      // it told of trouble
}

// Note implements Keys. That a key has served is written once a minute; that it has
// not, or does again, at once.
func (r *Ring) Note(n Note) {
	b := &r.notes
	b.mu.Lock()
	defer b.mu.Unlock()
	p := b.pages[n.Key]
	if p == nil {
		if len(b.pages) >= mostPages {
			maps.DeleteFunc(b.pages, func(_ KeyID, p *page) bool { return !p.due })
		}
		p = &page{}
		b.pages[n.Key] = p
	}
	if n.At.Before(p.last.At) {
		return
	}
	p.last = n
	p.due = p.due || p.trouble || n.Trouble != 0 || n.At.Sub(p.written) >= notedEvery
}

// noted is a key with what was told of it here and may not be written yet.
func (r *Ring) noted(k Key) Key {
	b := &r.notes
	b.mu.Lock()
	defer b.mu.Unlock()
	p := b.pages[k.ID]
	if p == nil || p.last.At.Before(k.UsedAt) || p.last.At.Before(k.Trouble.At) {
		return k
	}
	k.UsedAt, k.Trouble = p.last.At, Trouble{}
	if p.last.Trouble != 0 {
		k.Trouble = Trouble{Kind: p.last.Trouble, At: p.last.At}
	}
	return k
}

// Flush writes what has been noted. Whatever cannot be written is kept for the next
// time.
func (r *Ring) Flush(ctx context.Context) error {
	due := r.notes.take()
	if len(due) == 0 {
		return nil
	}
	err := r.options.Store.NoteKeys(ctx, due)
	r.notes.wrote(due, err == nil)
	return err
}

func (b *notebook) take() (due []Note) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, p := range b.pages {
		if p.due {
			due = append(due, p.last)
			p.due = false
		}
	}
	return due
}

func (b *notebook) wrote(notes []Note, done bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, n := range notes {
		p := b.pages[n.Key]
		switch {
		case p == nil:
		case done:
			p.written, p.trouble = n.At, n.Trouble != 0
		default:
			p.due = true
		}
	}
}
