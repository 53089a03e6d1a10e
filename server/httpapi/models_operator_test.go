package httpapi_test

import (
	"context"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server/httpapi"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/quota"
)

// catalogue is the operator's view of some models.
type catalogue struct{ known httpapi.Models }

func (c catalogue) Models(ctx context.Context, who provider.Caller) ([]provider.Offer, []provider.Problem) {
	return c.known.Models(ctx, who)
}

func (catalogue) Origin(*provider.Model) string { return wire.OriginFile }

// RestsUntil lets the server's own key rest.
func (catalogue) RestsUntil(_, keyID string) time.Time {
	if keyID == cKey {
		return noon.Add(time.Hour)
	}
	return time.Time{}
}

func (catalogue) Keys(context.Context) (map[string][]wire.ModelKey, error) {
	return map[string][]wire.ModelKey{"anthropic": {{ID: "config"}}}, nil
}

// TestOperatorsModels: the operator sees who has a model, by which keys, and at
// what prices.
func TestOperatorsModels(t *testing.T) {
	t.Parallel()
	w := newWorld(t).operator()
	list := get[wire.OperatorModelList](w, 200, "GET", wire.PathAdminModels, "")
	if len(list.Models) == 0 {
		t.Fatal("there are none")
	}
	m := list.Models[0]
	if m.ID != "anthropic/claude" || m.Origin != wire.OriginFile || !m.Usable || !m.Default ||
		!reflect.DeepEqual(m.Prices, []wire.PriceStep{{Input: 1}}) || !reflect.DeepEqual(m.Keys, []wire.ModelKey{{ID: "config"}}) {
		t.Errorf("%+v", m)
	}
}

// free is the standing of an account of the default plan.
type free struct{}

func (free) Standing(context.Context, identity.AccountID, *quota.Subjects, time.Time) (quota.Standing, error) {
	return quota.Standing{Anchor: 1}, nil
}

// known are the models of an account that has a key of its own for one of them.
type known struct{ resolving }

type resolving = httpapi.Models

func (known) Models(context.Context, provider.Caller) ([]provider.Offer, []provider.Problem) {
	offer := func(name string) provider.Offer {
		return provider.Offer{Model: provider.Model{Provider: "p", Name: name}, Usable: true}
	}
	own := offer("own")
	own.Own = true
	return []provider.Offer{offer("dear"), own, offer("cheap")}, nil
}

// TestModelsOfAPlan: what the plan has not comes last, with the plans that have
// it; for a key of one's own no plan is asked.
func TestModelsOfAPlan(t *testing.T) {
	t.Parallel()
	plans := quota.NewPlans(quota.Plan{Name: "small", Models: []string{"p/cheap"}}, quota.Plan{Name: "big"})
	w := newWorld(t, func(o *httpapi.Options) {
		o.Models = known{o.Models}
		o.Choices = quota.NewMetered(quota.MeteredOptions{Store: free{}, Plans: func() *quota.Plans { return plans }, Default: "small", Pacer: quota.NewPaces(nil)})
	})
	var got []string
	for _, m := range get[wire.ModelList](w, 200, "GET", wire.PathModels, "").Models {
		text := m.Name
		if m.Barred {
			text += " barred " + strings.Join(m.Plans, ",")
		}
		if m.Usable == m.Barred {
			t.Errorf("%+v", m)
		}
		got = append(got, text)
	}
	if want := []string{"own", "cheap", "dear barred big"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
