package httpapi

import (
	"context"
	"sync"
	"time"

	"github.com/aichat-term/aichat/server/turn"
)

// pushed is a detached stream that follows a turn of this process. While there is
// nothing to tell it has no goroutine: there are thousands, each woken for every
// few words, and waking costs more than telling. Whoever makes the news, as a rule
// the goroutine that reads the provider, calls heed, which writes them as far as the
// connection takes them at once. What it does not take a goroutine sends that is
// made for it, until nothing is left: a slow client keeps nobody waiting.
//
// At any time one goroutine at most has the floor, and only it touches what is not
// below mu.
type pushed struct {
	detached
	teller
	*stream
	feed turn.WatchedFeed

	first  []byte // what the stream begins with; nil: it has been told
	ctx    context.Context
	uncut  func() bool
	said   time.Time   // when something was written last
	update turn.Update // here and not on a stack

	mu     sync.Mutex
	taken  bool // somebody has the floor
	missed bool // there was news meanwhile
	over   bool
	quiet  *time.Timer // until a heartbeat is due
}

// together is how long the stream's beginning waits for something to go with it: a
// client that is woken first is in the way of what it waits for, if it runs on the
// same machine.
const together = 10 * time.Millisecond

// run begins the stream, and returns.
func (p *pushed) run(ctx context.Context, first []byte) {
	p.ctx, p.stream, p.first = ctx, p.api.newStream(p.answer), first
	p.uncut = context.AfterFunc(ctx, func() {
		p.answer.Cut() // a write that waits ends
		p.heed()
	})
	p.mu.Lock()
	p.quiet = time.AfterFunc(together, p.beat)
	p.mu.Unlock()
	p.feed.Watch(p.heed)
	p.heed()
}

// heed looks for news, unless somebody is at it: who will look again.
func (p *pushed) heed() {
	if p.take() {
		defer p.guard()
		p.tellAll(false)
	}
}

// take takes the floor, if it is free.
func (p *pushed) take() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.taken {
		p.missed = true
		return false
	}
	p.taken = true
	return true
}

// yield gives the floor back, unless there are news.
func (p *pushed) yield() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.taken, p.missed = p.missed, false
	return !p.taken
}

// tellAll tells what there is, and yields. It sends as a goroutine may that keeps
// nobody waiting, or as much as is taken at once.
//
// It runs on the stack of whoever made the news, which is to stay small: what is
// deep has returned when the connection is written to.
func (p *pushed) tellAll(wait bool) {
	for {
		buf := buffers.Get().(*[]byte)
		found := p.look(buf)
		sent := found == nothing || found == failed
		if !sent {
			sent, found = p.tellOne(*buf, found, wait)
		}
		putBack(buf)
		switch {
		case found == failed:
			p.finish(false)
			return
		case !sent:
			go p.catchUp(found == last)
			return
		case found == last:
			p.finish(true)
			return
		case found == nothing && p.yield():
			return
		}
	}
}

// finding is what a look at the feed has brought.
type finding uint8

const (
	nothing finding = iota
	news
	last   // with which the stream ends
	failed // it ends without
)

// look fills the buffer with the next thing to tell.
//
//go:noinline
func (p *pushed) look(buf *[]byte) finding {
	ok, err := p.feed.Look(&p.update)
	switch {
	case p.ctx.Err() != nil:
		return failed
	case err != nil:
		p.api.unfinished(p.ctx, err)
		return failed
	case !ok:
		return nothing
	}
	*buf = p.append(append((*buf)[:0], p.first...), &p.update)
	p.first = nil
	if p.update.End != nil {
		return last
	}
	return news
}

// tellOne sends what was found, and reports whether all of it is sent.
func (p *pushed) tellOne(events []byte, found finding, wait bool) (sent bool, still finding) {
	p.said = time.Now()
	err := p.allow()
	switch {
	case err != nil || len(events) == 0: // of sealed bytes nothing is told
		sent = true
	case wait:
		sent = true
		_, err = p.Write(events)
	default:
		sent, err = p.answer.Offer(events, found == last)
	}
	if err != nil {
		return true, failed
	}
	return sent, found
}

// catchUp sends what an offer has left, and then what has come since. It inherits
// the floor.
func (p *pushed) catchUp(last bool) {
	defer p.guard()
	err := p.allow()
	if err == nil {
		err = p.answer.Flush()
	}
	if err != nil || last {
		p.finish(err == nil)
		return
	}
	p.tellAll(true)
}

// beat tells the stream's beginning where nothing came to go with it, and keeps
// proxies awake when nothing was said for long.
func (p *pushed) beat() {
	if !p.take() { // perhaps by somebody who finds nothing to tell
		p.again(min(p.api.Heartbeat, time.Second))
		return
	}
	defer p.guard()
	left := p.api.Heartbeat - time.Since(p.said)
	if say := p.overdue(left); say != nil {
		left = p.api.Heartbeat
		p.said = time.Now()
		if p.send(say) != nil {
			p.finish(false)
			return
		}
	}
	p.again(left)
	p.tellAll(true)
}

// overdue is what is said because nothing else was; left is until a heartbeat is due.
func (p *pushed) overdue(left time.Duration) (say []byte) {
	switch {
	case p.first != nil:
		say, p.first = p.first, nil
	case left <= 0:
		say = heartbeat
	}
	return say
}

// again sets the timer of the next heartbeat, if there will be one.
func (p *pushed) again(in time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.over {
		p.quiet.Reset(in)
	}
}

// guard ends the stream whose telling panics, and nothing else: not the goroutine
// that reads the provider.
func (p *pushed) guard() {
	broken := recover()
	switch {
	case broken == nil:
	case p.stop():
		p.end(p.ctx, broken, false)
	default: // it broke while it ended
		p.api.logPanic(p.ctx, p.visit.route, broken)
	}
}

// finish ends the stream; whoever calls it has the floor and keeps it for good.
// What goes with it is more than fits a small stack, and a stream that fails does so
// on the stack of one that goes on.
func (p *pushed) finish(whole bool) {
	p.stop()
	if whole {
		p.end(p.ctx, nil, p.uncut())
		return
	}
	go p.end(p.ctx, nil, false)
}

// stop ends what would come by itself; it reports false where that was done before.
func (p *pushed) stop() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	first := !p.over
	p.over = true
	if p.quiet != nil {
		p.quiet.Stop()
	}
	return first
}
