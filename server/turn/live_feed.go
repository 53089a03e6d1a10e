package turn

import (
	"context"
	"io"
	"time"
)

// liveFeed follows a turn that runs, or has just ended, in this process.
type liveFeed struct {
	turn   *live
	status Status
	nudge  chan struct{} // holds one: that something has happened, not what

	position int64
	notices  int // how many have been told
	ended    bool
	runs     []Run // given out with an update, and used again for the next
	timer    *time.Timer
}

var _ Feed = (*liveFeed)(nil)

// follow makes a feed that begins at position after. A client that begins in
// the middle has had the notices.
func (l *live) follow(after int64) *liveFeed {
	f := &liveFeed{turn: l, status: l.now(), nudge: make(chan struct{}, 1), position: after}
	l.mu.Lock()
	defer l.mu.Unlock()
	if after > 0 {
		f.notices = len(l.notices)
	}
	if l.feeds == nil {
		l.feeds = make(map[*liveFeed]struct{}, 1)
	}
	l.feeds[f] = struct{}{}
	return f
}

func (f *liveFeed) Status() Status { return f.status }

func (f *liveFeed) Close() {
	f.turn.mu.Lock()
	defer f.turn.mu.Unlock()
	delete(f.turn.feeds, f)
	if f.timer != nil {
		f.timer.Stop()
	}
}

func (f *liveFeed) Next(ctx context.Context, idle time.Duration) (Update, error) {
	if u, ok, err := f.look(); ok || err != nil {
		return u, err
	}
	f.arm(idle)
	for {
		select {
		case <-f.nudge:
			if u, ok, err := f.look(); ok || err != nil {
				return u, err
			}
		case <-f.timer.C:
			return Update{Idle: true, Position: f.position}, nil
		case <-ctx.Done():
			return Update{}, ctx.Err()
		}
	}
}

func (f *liveFeed) arm(idle time.Duration) {
	if f.timer == nil {
		f.timer = time.NewTimer(idle)
		return
	}
	f.timer.Reset(idle)
}

// look takes the next thing to tell, if there is one: text before notices would
// be out of order, so notices first; the end last.
func (f *liveFeed) look() (Update, bool, error) {
	if f.ended {
		return Update{}, false, io.EOF
	}
	l := f.turn
	l.mu.Lock()
	defer l.mu.Unlock()
	end := l.log.Len()
	switch {
	case f.notices < len(l.notices):
		f.notices++
		return Update{Notice: &l.notices[f.notices-1], Position: f.position}, true, nil
	case f.position > end:
		f.position = end
		text, runs := l.log.Since(0, nil)
		return Update{Snapshot: true, Text: text, Runs: runs, Position: end}, true, nil
	case f.position < end:
		var u Update
		u.Text, f.runs = l.log.Next(f.position, f.runs)
		f.position += int64(len(u.Text))
		u.Runs, u.Position = f.runs, f.position
		return u, true, nil
	case l.end != nil:
		f.ended = true
		return Update{End: l.end, Position: end}, true, nil
	}
	return Update{}, false, nil
}
