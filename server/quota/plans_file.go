package quota

import (
	"cmp"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"sync"
	"time"
)

// PlansFile is the plans of a file, which is read again when it has changed. A
// change that has a mistake is logged, and what stood before goes on. It is safe
// for concurrent use.
type PlansFile struct {
	path     string
	standard string // the default plan, without which no plans are right
	now      func() time.Time
	log      *slog.Logger

	mu     sync.Mutex
	plans  *Plans
	seen   stamp
	looked time.Time
	broken *PlansTrouble // seen has mistakes
	away   *PlansTrouble // there is no such file for the moment
}

// PlansTrouble is why a file's plans are not in force: those from before it are.
type PlansTrouble struct {
	File  string
	Since time.Time // when the file was changed, or first found to be away
	Err   error     // its mistakes, as ParsePlans tells them
}

// stamp tells one state of a file from the next.
type stamp struct {
	modified time.Time
	size     int64
}

// lookEvery is how often the file is looked at, at most.
const lookEvery = time.Second

// largestPlans bounds the file, in bytes.
const largestPlans = 1 << 20

// OpenPlans reads the plans of a file, or the built-in ones where path is empty.
// A file that cannot be read, has a mistake or lacks the standard plan is an
// error, with the lines.
func OpenPlans(path, standard string, now func() time.Time, log *slog.Logger) (*PlansFile, error) {
	f := &PlansFile{path: path, standard: standard, now: now, log: log, looked: now()}
	if path != "" {
		return f, f.read()
	}
	plans, err := ParsePlans("plans.toml", BuiltIn)
	if err == nil {
		err = plans.lacks("the built-in plans", standard)
	}
	f.plans = plans
	return f, err
}

// ReadPlans reads a file once. It has to have the standard plan, which is that of
// all who have none of their own.
func ReadPlans(path, standard string) (*Plans, error) {
	plans, err := readPlans(path)
	if err == nil {
		err = plans.lacks(path, standard)
	}
	return plans, err
}

// lacks is the error for plans of a file without the standard one; nil: it is
// there.
func (p *Plans) lacks(file, standard string) error {
	if _, ok := p.Find(standard); ok {
		return nil
	}
	return fmt.Errorf("%s: there is no plan %q, which the setting default_plan names; the plans are %s", file, standard, strings.Join(p.Names(), ", "))
}

func readPlans(path string) (*Plans, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("plans: %w", err)
	}
	defer func() { _ = file.Close() }() // it was only read
	text, err := io.ReadAll(io.LimitReader(file, largestPlans+1))
	if err != nil {
		return nil, fmt.Errorf("plans: %w", err)
	}
	if len(text) > largestPlans {
		return nil, fmt.Errorf("%s: larger than a file of plans can be", path)
	}
	return ParsePlans(path, text)
}

// Plans are the plans as they stand.
func (f *PlansFile) Plans() *Plans {
	f.mu.Lock()
	defer f.mu.Unlock()
	if now := f.now(); f.path != "" && now.Sub(f.looked) >= lookEvery {
		f.look(now)
	}
	return f.plans
}

// Trouble is what is wrong with the file now; nil: its plans are in force.
func (f *PlansFile) Trouble() *PlansTrouble {
	f.Plans()
	f.mu.Lock()
	defer f.mu.Unlock()
	return cmp.Or(f.away, f.broken)
}

// look takes a file that has changed. One that is away for the moment has not.
func (f *PlansFile) look(now time.Time) {
	f.looked = now
	s, err := stampOf(f.path)
	switch {
	case err == nil:
		f.away = nil
	case f.away == nil:
		f.away = &PlansTrouble{f.path, now, fmt.Errorf("plans: %w", err)}
	}
	if err == nil && s != f.seen {
		f.reread()
	}
}

func (f *PlansFile) reread() {
	if err := f.read(); err != nil {
		f.broken = &PlansTrouble{f.path, f.seen.modified, err}
		f.log.Error("the plans have changed and have a mistake: those before stay", "file", f.path, "error", err)
		return
	}
	f.broken = nil
	f.log.Info("the plans were read again", "file", f.path, "plans", f.plans.Names())
}

// read takes the file as it is. Its stamp is taken first: a change meanwhile is
// seen at the next look.
func (f *PlansFile) read() error {
	seen, err := stampOf(f.path)
	if err != nil {
		return fmt.Errorf("plans: %w", err)
	}
	f.seen = seen
	plans, err := ReadPlans(f.path, f.standard)
	if err == nil {
		f.plans = plans
	}
	return err
}

func stampOf(path string) (stamp, error) {
	info, err := os.Stat(path)
	if err != nil {
		return stamp{}, err
	}
	return stamp{info.ModTime(), info.Size()}, nil
}
