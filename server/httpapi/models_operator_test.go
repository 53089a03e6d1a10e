package httpapi_test

import (
	"context"
	"reflect"
	"testing"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server/httpapi"
	"github.com/aichat-term/aichat/server/provider"
)

// catalogue is the operator's view of some models.
type catalogue struct{ known httpapi.Models }

func (c catalogue) Models(ctx context.Context, who provider.Caller) ([]provider.Offer, []provider.Problem) {
	return c.known.Models(ctx, who)
}

func (catalogue) Origin(*provider.Model) string { return wire.OriginFile }

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
