package quota_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/quota"
)

// offering is a policy of several plans, of which everybody has the first.
func offering(s *standing, plans ...quota.Plan) *quota.Metered {
	return quota.NewMetered(quota.MeteredOptions{Store: s, Plans: func() *quota.Plans { return quota.NewPlans(plans...) }, Default: plans[0].Name,
		Pacer: quota.NewPaces(func() time.Time { return may17 }), Now: func() time.Time { return may17 }})
}

// TestWhatWouldHelp: a refusal ends with what to type where a plan that is offered
// would let the question in, and with whom to ask where none would.
func TestWhatWouldHelp(t *testing.T) {
	t.Parallel()
	const (
		upgrade = " To get it, type: aichat upgrade"
		nothing = " No plan that this server offers would help: ask your operator."
	)
	month := func(n int64) []quota.Limit { return []quota.Limit{limit(quota.Messages, n)} }
	small := quota.Plan{Name: "small", Limits: month(2)}
	for _, tc := range []struct {
		name  string
		small quota.Plan
		role  identity.Role
		more  []quota.Plan
		want  string
	}{
		{name: "no other", small: small, want: nothing},
		{name: "a larger one", small: small, more: []quota.Plan{{Name: "big", Title: "Big", Limits: month(3)}}, want: " The plan Big allows more." + upgrade},
		{name: "two", small: small, more: []quota.Plan{{Name: "big"}, {Name: "all"}}, want: " The plans big, all allow more. To get one of them, type: aichat upgrade"},
		{name: "one that is used up too", small: small, more: []quota.Plan{{Name: "same", Limits: month(2)}}, want: nothing},
		{name: "one that has another limit", small: small, more: []quota.Plan{{Name: "dear", Limits: []quota.Limit{limit(quota.MicroUSD, 0)}}}, want: nothing},
		{name: "one without the model", small: small, more: []quota.Plan{{Name: "other", Models: []string{"openai/*"}}}, want: nothing},
		{name: "one that is not offered", small: small, more: []quota.Plan{{Name: "secret", Private: true}}, want: nothing},
		{name: "a member", small: small, role: identity.Member, more: []quota.Plan{{Name: "big"}}, want: " The plan big allows more. The owner of your account decides on its plan."},
		{name: "a model", small: quota.Plan{Name: "none", Models: []string{"openai/*"}}, more: []quota.Plan{{Name: "secret", Private: true}, {Name: "big"}},
			want: "it has openai/*. The plan big has it." + upgrade},
		{name: "a model of none", small: quota.Plan{Name: "none", Models: []string{"openai/*"}}, more: []quota.Plan{{Name: "secret", Private: true}}, want: "it has openai/*."},
	} {
		question := ask(1, 1)
		if question.Principal.Role = identity.Owner; tc.role != "" {
			question.Principal.Role = tc.role
		}
		s := &standing{at: used(quota.Amount{Messages: 2, MicroUSD: 5}, quota.Amount{})}
		_, err := offering(s, append([]quota.Plan{tc.small}, tc.more...)...).Admit(t.Context(), question)
		if err == nil || !strings.HasSuffix(fault.Of(err).Message, tc.want) {
			t.Errorf("%s: %v", tc.name, err)
		}
	}
}

// TestWhatWouldBeFaster: waiting helps with a rate, and so does a plan that has
// more of it.
func TestWhatWouldBeFaster(t *testing.T) {
	t.Parallel()
	slow := quota.Plan{Name: "slow", Rates: quota.Rates{RequestsPerMinute: 1}}
	for _, tc := range []struct {
		name  string
		rates quota.Rates
		want  string
	}{
		{"as slow", quota.Rates{RequestsPerMinute: 1}, "try again in 60 seconds."},
		{"faster", quota.Rates{RequestsPerMinute: 2}, "try again in 60 seconds. The plan other allows more. To get it, type: aichat upgrade"},
		{"not limited", quota.Rates{}, "The plan other allows more. To get it, type: aichat upgrade"},
	} {
		policy := offering(&standing{}, slow, quota.Plan{Name: "other", Rates: tc.rates})
		question := ask(1, 1)
		question.Principal.Role = identity.Owner
		if _, err := policy.Admit(t.Context(), question); err != nil {
			t.Fatalf("%s: %v", tc.name, err)
		}
		_, err := policy.Admit(t.Context(), question)
		if f := fault.Of(err); f == nil || f.Kind != fault.RateLimited || f.Subject != quota.RequestsPerMinute || f.RetryAfter != time.Minute || !strings.HasSuffix(f.Message, tc.want) {
			t.Errorf("%s: %v", tc.name, err)
		}
	}
}

func TestOffers(t *testing.T) {
	t.Parallel()
	s := &standing{at: used(quota.Amount{Tokens: 90}, quota.Amount{Tokens: 5})}
	tokens := func(name string, n int64, private bool) quota.Plan {
		return quota.Plan{Name: name, Private: private, Limits: []quota.Limit{limit(quota.Tokens, n)}}
	}
	policy := offering(s, tokens("small", 100, false), tokens("grown", 500, true), tokens("secret", 9, true), quota.Plan{Name: "all"})
	ada := identity.Principal{User: "u", Account: "a"}
	for _, tc := range []struct{ has, want string }{
		{"", "small=90/100* all="},
		{"gone", "small=90/100* all="},
		{"grown", "small=90/100 grown=90/500* all="},
		{"all", "small=90/100 all=*"},
	} {
		s.at.Plan = tc.has
		o, err := policy.Offers(t.Context(), ada)
		if err != nil || !o.Metered {
			t.Fatal(o, err)
		}
		var got []string
		for _, offer := range o.Plans {
			text := offer.Name + "="
			for _, l := range offer.Standing {
				text += quota.Quantity(l.Unit, l.Used)[:2] + "/" + strings.TrimSuffix(quota.Quantity(l.Unit, l.Most), " tokens")
				if l.Held != 5 || !l.Resets.Equal(time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)) {
					t.Errorf("%s: %+v", tc.has, l)
				}
			}
			if offer.Current {
				text += "*"
			}
			got = append(got, text)
		}
		if strings.Join(got, " ") != tc.want {
			t.Errorf("who has %q: %q, want %s", tc.has, got, tc.want)
		}
	}
	s.err = fault.New(fault.Unavailable, "")
	if _, err := policy.Offers(t.Context(), ada); !fault.Is(err, fault.Unavailable) {
		t.Errorf("a database that is away: %v", err)
	}
	if o, err := policy.Offers(t.Context(), identity.Principal{Local: true}); err != nil || o.Metered {
		t.Errorf("the local owner: %+v, %v", o, err)
	}
}
