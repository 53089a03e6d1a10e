package web_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/mail"
	"github.com/aichat-term/aichat/server/signin"
	"github.com/aichat-term/aichat/server/store"
	"github.com/aichat-term/aichat/server/store/pgtest"
	"github.com/aichat-term/aichat/server/store/sqlitetest"
)

// records is the real store, which remembers what it is asked and the letters
// that it queues, and can be taken away.
type records struct {
	*store.SignIn
	ids  *store.Identities
	jobs *store.Jobs

	mu     sync.Mutex
	calls  []string
	posted []mail.Letter
	away   bool
}

// A database is where a test's records are.
type database func(testing.TB) string

func open(t *testing.T, where database) *records {
	t.Helper()
	db, err := store.Open(t.Context(), store.Options{Database: where(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return &records{SignIn: db.SignIn(), ids: db.Identities(), jobs: db.Jobs()}
}

// onBoth runs a test on SQLite and on Postgres.
func onBoth(t *testing.T, test func(t *testing.T, where database)) {
	t.Helper()
	for name, where := range map[string]database{"sqlite": sqlitetest.File, "postgres": pgtest.URL} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, where)
		})
	}
}

// asked notes a question, and answers it for a database that is away.
func (r *records) asked(what string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls = append(r.calls, what)
	if r.away {
		return fault.Wrap(errors.New("connection refused"), fault.Unavailable, "")
	}
	return nil
}

// posts notes a letter that was queued, unless it was not.
func (r *records) posts(err error, letters ...*mail.Letter) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, l := range letters {
		if err == nil && l != nil {
			r.posted = append(r.posted, *l)
		}
	}
	return err
}

func (r *records) letters() []mail.Letter {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.posted)
}

func (r *records) Browser(ctx context.Context, hash []byte, now time.Time) (signin.Browser, error) {
	if err := r.asked("Browser"); err != nil {
		return signin.Browser{}, err
	}
	return r.SignIn.Browser(ctx, hash, now)
}

func (r *records) AddBrowser(ctx context.Context, b signin.Browser) error {
	if err := r.asked("AddBrowser"); err != nil {
		return err
	}
	return r.SignIn.AddBrowser(ctx, b)
}

func (r *records) AddEmailCode(ctx context.Context, c signin.EmailCode, l mail.Letter) error {
	if err := r.asked("AddEmailCode"); err != nil {
		return err
	}
	return r.posts(r.SignIn.AddEmailCode(ctx, c, l), &l)
}

func (r *records) SignUp(ctx context.Context, s signin.SignUp) error {
	if err := r.asked("SignUp"); err != nil {
		return err
	}
	return r.posts(r.SignIn.SignUp(ctx, s), s.Welcome)
}

func (r *records) Invitation(ctx context.Context, mailbox string, now time.Time) (signin.Invitation, error) {
	if err := r.asked("Invitation"); err != nil {
		return signin.Invitation{}, err
	}
	return r.SignIn.Invitation(ctx, mailbox, now)
}

func (r *records) Queue(ctx context.Context, l mail.Letter) error {
	if err := r.asked("Queue"); err != nil {
		return err
	}
	return r.posts(r.jobs.Queue(ctx, l), &l)
}

// people are the store's users and identities, which note what they are asked.
type people struct {
	*store.Identities
	*records
}

func (p people) User(ctx context.Context, id identity.UserID) (identity.User, error) {
	if err := p.asked("User"); err != nil {
		return identity.User{}, err
	}
	return p.Identities.User(ctx, id)
}

func (p people) UserNamed(ctx context.Context, name string) (identity.User, error) {
	if err := p.asked("UserNamed"); err != nil {
		return identity.User{}, err
	}
	return p.Identities.UserNamed(ctx, name)
}

func (p people) Users(ctx context.Context) ([]identity.User, error) {
	if err := p.asked("Users"); err != nil {
		return nil, err
	}
	return p.Identities.Users(ctx)
}

func (p people) ExternalUser(ctx context.Context, e identity.External, at time.Time) (identity.User, error) {
	if err := p.asked("ExternalUser"); err != nil {
		return identity.User{}, err
	}
	return p.Identities.ExternalUser(ctx, e, at)
}
