package turn

import (
	"context"
	"io"
	"slices"
	"time"
)

// liveFeed follows a turn that runs, or has just ended, in this process.
type liveFeed struct {
	turn   *live
	status Status

	// Of these one is set, under the turn's lock, when the feed is first used.
	nudge chan struct{} // holds one: that something has happened, not what
	watch func()

	position int64
	notices  int // how many have been told
	ended    bool
	runs     []Run // given out with an update, and used again for the next
	timer    *time.Timer
}

var _ WatchedFeed = (*liveFeed)(nil)

// follow makes a feed that begins at position after. A client that begins in
// the middle has had the notices.
func (l *live) follow(after int64) *liveFeed {
	f := &liveFeed{turn: l, status: l.now(), position: after}
	l.mu.Lock()
	defer l.mu.Unlock()
	if after > 0 {
		f.notices = len(l.notices)
	}
	l.feeds = append(l.feeds, f)
	return f
}

func (f *liveFeed) Status() Status { return f.status }

func (f *liveFeed) Close() {
	f.turn.mu.Lock()
	defer f.turn.mu.Unlock()
	f.turn.feeds = slices.DeleteFunc(f.turn.feeds, func(other *liveFeed) bool { return other == f })
	if f.timer != nil {
		f.timer.Stop()
	}
}

// Watch implements WatchedFeed.
func (f *liveFeed) Watch(call func()) {
	f.turn.mu.Lock()
	defer f.turn.mu.Unlock()
	f.watch = call
}

func (f *liveFeed) Next(ctx context.Context, idle time.Duration) (Update, error) {
	f.listen()
	var u Update
	if ok, err := f.Look(&u); ok || err != nil {
		return u, err
	}
	f.arm(idle)
	for {
		select {
		case <-f.nudge:
			if ok, err := f.Look(&u); ok || err != nil {
				return u, err
			}
		case <-f.timer.C:
			return Update{Idle: true, Position: f.position}, nil
		case <-ctx.Done():
			return Update{}, ctx.Err()
		}
	}
}

// listen lets the feed be nudged.
func (f *liveFeed) listen() {
	if f.nudge == nil {
		f.turn.mu.Lock()
		f.nudge = make(chan struct{}, 1)
		f.turn.mu.Unlock()
	}
}

func (f *liveFeed) arm(idle time.Duration) {
	if f.timer == nil {
		f.timer = time.NewTimer(idle)
		return
	}
	f.timer.Reset(idle)
}

// Look implements WatchedFeed. Text before notices would be out of order, so
// notices come first; the end last.
func (f *liveFeed) Look(u *Update) (ok bool, err error) {
	if f.ended {
		return false, io.EOF
	}
	l := f.turn
	l.mu.Lock()
	defer l.mu.Unlock()
	end := l.log.Len()
	*u = Update{}
	switch {
	case f.notices < len(l.notices):
		u.Notice = &l.notices[f.notices]
		f.notices++
	case f.position > end:
		f.position = end
		u.Snapshot = true
		u.Text, u.Runs = l.log.Since(0, nil)
	case f.position < end:
		u.Text, f.runs = l.log.Next(f.position, f.runs)
		u.Runs = f.runs
		f.position += int64(len(u.Text))
	case l.end != nil:
		f.ended = true
		u.End = l.end
	default:
		return false, nil
	}
	u.Position = f.position
	return true, nil
}
