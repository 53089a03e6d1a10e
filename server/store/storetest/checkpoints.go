package storetest

import (
	"bytes"
	"strings"
	"time"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/turn"
)

// textChunk is a chunk of plain text.
func textChunk(rec turn.Record, from int64, s string) turn.Chunk {
	return turn.Chunk{Ref: rec.Ref, Epoch: rec.Epoch, From: from, Text: []byte(s),
		Runs: []turn.Run{{Kind: turn.RunText, End: from + int64(len(s))}}}
}

func checkpoint(w *world) {
	rec := w.begin(w.ask(w.newChat("one").ID, "", "hello"))
	put := func(c turn.Chunk) (lost []turn.Ref) {
		w.Helper()
		lost, _, err := w.turns.Checkpoint(w.ctx, "p1", time.Minute, []turn.Ref{rec.Ref}, []turn.Chunk{c})
		w.must(err)
		return lost
	}
	read := func(from int64) string {
		w.Helper()
		text, runs, err := w.turns.Chunks(w.ctx, rec.Ref, from)
		w.must(err)
		if len(text) > 0 && runs[len(runs)-1].End != from+int64(len(text)) {
			w.Fatalf("runs %v of %d bytes from %d", runs, len(text), from)
		}
		return string(text)
	}
	wantEqual(w, "lost", len(put(textChunk(rec, 0, "Hello"))), 0)
	put(textChunk(rec, 5, ", wor"))
	put(textChunk(rec, 5, ", world")) // as after a commit in doubt
	wantEqual(w, "lost without a text", len(put(turn.Chunk{Ref: rec.Ref, Epoch: rec.Epoch, From: 12, Model: "other/model"})), 0)
	put(turn.Chunk{Ref: rec.Ref, Epoch: rec.Epoch, From: 12, Text: []byte{0, 255}, Runs: []turn.Run{{Kind: turn.RunOpaque, Part: 1, End: 14, Meta: "demo"}}})
	wantEqual(w, "all", read(0), "Hello, world\x00\xff")
	wantEqual(w, "the rest", read(3), "lo, world\x00\xff")
	wantEqual(w, "nothing", read(14), "")
	wantEqual(w, "beyond", read(99), "")
	got, err := w.turns.Get(w.ctx, rec.Ref)
	w.must(err)
	wantEqual(w, "position", got.Position, 14)
	wantEqual(w, "who answers", got.Model, "other/model")
	_, runs, err := w.turns.Chunks(w.ctx, rec.Ref, 0)
	w.must(err)
	if len(runs) != 2 || runs[0].End != 12 || runs[1].Meta != "demo" {
		w.Fatalf("runs: %+v", runs)
	}
	_, _, err = w.turns.Chunks(w.ctx, turn.Ref{Account: w.account, ID: newMessageID()}, 0)
	w.want(fault.NotFound, err)

	stale := textChunk(rec, 14, "x")
	stale.Epoch--
	stale.Model = "demo/echo"
	if lost := put(stale); len(lost) != 1 || lost[0] != rec.Ref {
		w.Fatalf("lost %v", lost)
	}
	lost, _, err := w.turns.Checkpoint(w.ctx, "p2", time.Minute, []turn.Ref{rec.Ref}, nil)
	w.must(err)
	wantEqual(w, "another owner's", len(lost), 1)
	w.finish(w.done(rec, "Hello, world"))
	if lost := put(textChunk(rec, 14, "x")); len(lost) != 1 {
		w.Fatalf("lost after the end: %v", lost)
	}
	got, err = w.turns.Get(w.ctx, rec.Ref)
	w.must(err)
	wantEqual(w, "who answered, whatever a stale chunk says", got.Model, "other/model")
	wantEqual(w, "after the end", read(0), "")
}

func checkpointMany(w *world) {
	var refs []turn.Ref
	var chunks []turn.Chunk
	for range 20 {
		rec := w.begin(w.ask(w.newChat("one").ID, "", "hello"))
		refs = append(refs, rec.Ref)
		for i := range 20 {
			chunks = append(chunks, textChunk(rec, int64(i), "x"))
		}
	}
	before, err := w.chats.Changes(w.ctx, w.account, "", 0, 1000)
	w.must(err)
	lost, asked, err := w.turns.Checkpoint(w.ctx, "p1", time.Minute, refs, chunks)
	w.must(err)
	wantEqual(w, "lost", len(lost), 0)
	wantEqual(w, "asked", len(asked), 0)
	for _, ref := range refs {
		text, runs, err := w.turns.Chunks(w.ctx, ref, 0)
		w.must(err)
		if string(text) != strings.Repeat("x", 20) || len(runs) != 1 {
			w.Fatalf("stored %q %v", text, runs)
		}
	}
	after, err := w.chats.Changes(w.ctx, w.account, "", 0, 1000)
	w.must(err)
	wantEqual(w, "revision after a checkpoint", after.Rev, before.Rev)
}

func cancelling(w *world) {
	rec := w.begin(w.ask(w.newChat("one").ID, "", "hello"))
	other := w.begin(w.ask(w.newChat("two").ID, "", "hello"))
	w.must(w.turns.AskCancel(w.ctx, rec.Ref))
	w.must(w.turns.AskCancel(w.ctx, rec.Ref))
	_, asked, err := w.turns.Checkpoint(w.ctx, "p1", time.Minute, []turn.Ref{rec.Ref, other.Ref}, nil)
	w.must(err)
	if len(asked) != 1 || asked[0] != rec.Ref {
		w.Fatalf("asked %v", asked)
	}
	got, err := w.turns.Get(w.ctx, rec.Ref)
	w.must(err)
	wantEqual(w, "asked", got.CancelAsked, true)
	w.finish(w.done(rec, "hi"))
	w.must(w.turns.AskCancel(w.ctx, rec.Ref))
	w.want(fault.NotFound, w.turns.AskCancel(w.ctx, turn.Ref{Account: w.account, ID: newMessageID()}))
}

func claim(w *world) {
	alive := w.begin(w.ask(w.newChat("alive").ID, "", "hello"))
	p := w.ask(w.newChat("dead").ID, "", "hello")
	p.Lease = -time.Second
	dead := w.begin(p)
	_, _, err := w.turns.Checkpoint(w.ctx, "p1", -time.Second, []turn.Ref{dead.Ref}, []turn.Chunk{textChunk(dead, 0, "par")})
	w.must(err)

	got, err := w.turns.Claim(w.ctx, "p2", time.Minute, false, 10)
	w.must(err)
	wantEqual(w, "claimed", len(got), 1)
	o := got[0]
	if o.Ref != dead.Ref || o.Epoch != 2 || o.Owner != "p2" || !bytes.Equal(o.Text, []byte("par")) || len(o.Runs) != 1 {
		w.Fatalf("claimed %+v", o)
	}
	got, err = w.turns.Claim(w.ctx, "p3", time.Minute, false, 10)
	w.must(err)
	wantEqual(w, "claimed again", len(got), 0)

	// The fence: the old owner can store nothing more.
	lost, _, err := w.turns.Checkpoint(w.ctx, "p1", time.Minute, []turn.Ref{alive.Ref, dead.Ref}, []turn.Chunk{textChunk(dead, 3, "tial")})
	w.must(err)
	if len(lost) != 1 || lost[0] != dead.Ref {
		w.Fatalf("lost %v", lost)
	}
	ended, _, err := w.turns.Finish(w.ctx, w.done(dead, "partial"))
	w.must(err)
	wantEqual(w, "ended by the old owner", ended, false)

	got, err = w.turns.Claim(w.ctx, "p2", time.Minute, true, 10)
	w.must(err)
	wantEqual(w, "with all, of others", len(got), 1)
	wantEqual(w, "the living", got[0].Ref, alive.Ref)
	fin := w.done(o.Record, "par")
	fin.State, fin.Answer.State = turn.Interrupted, conversation.Interrupted
	w.finish(fin)
}
