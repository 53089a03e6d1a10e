package httpapi

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/vault"
	"github.com/aichat-term/aichat/server/visitor"
)

func (a *API) testMyKey(ctx context.Context, who caller, in *one) (wire.KeyTest, error) {
	return a.testOwnKey(ctx, who, ownKeys(who), in.ID)
}

func (a *API) testAccountKey(ctx context.Context, who caller, in *one) (wire.KeyTest, error) {
	return a.testOwnKey(ctx, who, accountKeys(who), in.ID)
}

// testRate is how often one user may try keys of their own: each try is a call to an
// address that they have chosen.
var testRate = visitor.Rate{Burst: 10, Every: 6 * time.Second}

func (a *API) testOwnKey(ctx context.Context, who caller, o vault.Owner, id string) (wire.KeyTest, error) {
	if wait := a.tests.Take(string(who.User)); wait > 0 {
		return wire.KeyTest{}, &fault.Error{Kind: fault.RateLimited, RetryAfter: wait,
			Message: "Keys were tried too often in a short time; try again in a moment."}
	}
	return a.testKey(ctx, o, id)
}

// testTime is how long a provider may take to say what it offers.
const testTime = 20 * time.Second

// testKey asks the provider which models there are with the key. What it says is
// the answer, whether it is good news or not.
func (a *API) testKey(ctx context.Context, o vault.Owner, id string) (wire.KeyTest, error) {
	if err := conversation.CheckID("id", id); err != nil {
		return wire.KeyTest{}, err
	}
	k, secret, err := a.Keys.Open(ctx, o, vault.KeyID(id))
	if fault.Is(err, fault.NoKey) {
		return wire.KeyTest{Detail: fault.Of(err).Public(), Code: wire.NoKey}, nil
	}
	if err != nil {
		return wire.KeyTest{}, err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, testTime, fault.New(fault.ProviderTimeout, "The provider did not answer within %v.", testTime))
	defer cancel()
	models, err := a.ListModels(ctx, provider.Kept(&k, secret))
	if err != nil && ctx.Err() != nil {
		err = cmp.Or(context.Cause(ctx), err)
	}
	a.noteTest(&k, err)
	if err != nil {
		a.log.LogAttrs(ctx, slog.LevelInfo, "a tried key does not work", slog.String("key_id", string(k.ID)), slog.Any("error", err))
	}
	return testOut(models, err), nil
}

// noteTest remembers what came of a test, so that lists tell of it: that the key was
// taken, or what went wrong at its provider or on the way there. What went wrong here
// is not the key's.
func (a *API) noteTest(k *vault.Key, err error) {
	n := vault.Note{Key: k.ID, At: a.Now()}
	if err != nil {
		switch n.Trouble = fault.Of(err).Kind; n.Trouble {
		case fault.ProviderAuth, fault.ProviderRateLimited, fault.ProviderQuota, fault.ProviderOverloaded, fault.ProviderRefused,
			fault.ProviderUnreachable, fault.ProviderTimeout, fault.ProviderTruncated, fault.ProviderMalformed, fault.ProviderFailed:
		default:
			return
		}
	}
	a.Keys.Note(n)
}

func testOut(models []provider.Model, err error) wire.KeyTest {
	if err != nil {
		f := fault.Of(err)
		return wire.KeyTest{Detail: f.Public(), Code: failureOf(f.Kind).code}
	}
	t := wire.KeyTest{Works: true}
	for _, m := range models {
		if provider.Chats(m.Name) {
			t.Models = append(t.Models, m.Name)
		}
	}
	switch n := len(t.Models); n {
	case 0:
		t.Detail = "The provider takes the key, and lists no model that chats."
	case 1:
		t.Detail = "The provider takes the key, and offers one model that chats."
	default:
		t.Detail = fmt.Sprintf("The provider takes the key, and offers %d models that chat.", n)
	}
	return t
}
