package server

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"time"

	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/mail"
	"github.com/aichat-term/aichat/server/quota"
	"github.com/aichat-term/aichat/server/store"
)

// plans are the operator's plans and who has them.
type plans struct {
	file     *quota.PlansFile
	store    *store.Quota
	standard string // the default plan's name
}

// newPlans reads the plans. A Config that names no default, as a setting always
// does, has the built-in plan that limits nothing.
func newPlans(c *Config, db *store.DB, log *slog.Logger) (*plans, error) {
	standard := cmp.Or(c.DefaultPlan, "enterprise")
	file, err := quota.OpenPlans(c.Plans, standard, time.Now, log)
	return &plans{file, db.Quota(), standard}, err
}

// checkContact takes what leads to a person: a mailbox, or a page.
func checkContact(text string) error {
	if text == "" {
		return nil
	}
	if _, err := mail.Address(text); err == nil {
		return nil
	}
	const most = 500
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "https" || u.Hostname() == "" || u.User != nil || len(text) > most ||
		strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		return fmt.Errorf("plans_contact: %q is neither an address such as ops@example.com nor one such as https://example.com/plans", text)
	}
	return nil
}

// All implements httpapi.Plans, and so do the others.
func (p *plans) All() []quota.Plan { return p.file.Plans().All() }

// Default is the name of the default plan.
func (p *plans) Default() string { return p.standard }

// Trouble is what is wrong with their file; nil: nothing is.
func (p *plans) Trouble() *quota.PlansTrouble { return p.file.Trouble() }

// Accounts counts the accounts by their plan.
func (p *plans) Accounts(ctx context.Context) (map[string]int64, error) { return p.store.Plans(ctx) }

// SetPlan gives an account a plan.
func (p *plans) SetPlan(ctx context.Context, account identity.AccountID, plan string) error {
	return p.store.SetPlan(ctx, account, plan)
}

// PlanOf is which plan an account has, and on which day its months begin.
func (p *plans) PlanOf(ctx context.Context, account identity.AccountID) (plan string, day int, err error) {
	st, err := p.store.Standing(ctx, account, nil, time.Now())
	return st.Plan, st.Anchor, err
}

// SetAnchor says on which day an account's months begin.
func (p *plans) SetAnchor(ctx context.Context, account identity.AccountID, day int) error {
	return p.store.SetAnchor(ctx, account, day)
}

// policy meters what is asked.
func (p *plans) policy(pacer quota.Pacer, now func() time.Time) *quota.Metered {
	return quota.NewMetered(quota.MeteredOptions{Store: p.store, Plans: p.file.Plans, Default: p.standard,
		Pacer: pacer, Now: now})
}
