package store

import (
	"sync"

	"github.com/aichat-term/aichat/server/conversation"
)

// fresh are the texts of messages that have just been stored and wait to be
// indexed. They are kept for that second, as far as there is room, so that the
// indexer need not read and decode what was encoded and written the moment before.
//
// It is safe for concurrent use; the zero fresh is empty.
type fresh struct {
	mu    sync.Mutex
	texts map[int64]freshText // by place
	bytes int
}

// freshText is the text of one message. Its id is compared: a place may come to
// another message.
type freshText struct {
	id   conversation.MessageID
	text string
}

// freshBytes is the room for texts.
const freshBytes = 8 << 20

// keep takes the texts of some messages, each at its place.
func (f *fresh) keep(some []indexing) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.texts == nil {
		f.texts = map[int64]freshText{}
	}
	for _, m := range some {
		f.drop(m.place)
		if f.bytes+len(m.text) <= freshBytes {
			f.bytes += len(m.text)
			f.texts[m.place] = freshText{m.id, m.text}
		}
	}
}

// text returns a message's text, if it is kept.
func (f *fresh) text(place int64, id conversation.MessageID) (string, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	t, ok := f.texts[place]
	return t.text, ok && t.id == id
}

// forget lets go of the texts at some places.
func (f *fresh) forget(some []queued) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := range some {
		f.drop(some[i].place)
	}
	if len(f.texts) == 0 {
		f.texts = nil // a map keeps the room that it once took
	}
}

func (f *fresh) drop(place int64) {
	f.bytes -= len(f.texts[place].text)
	delete(f.texts, place)
}
