package provider_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/provider"
)

// slow is a vendor whose list takes a while.
type slow struct {
	provider.Provider
	takes time.Duration
	asked atomic.Int32
}

func (s *slow) Models(ctx context.Context, _ provider.Endpoint) ([]provider.Model, error) {
	s.asked.Add(1)
	select {
	case <-time.After(s.takes):
		return []provider.Model{{Name: "here"}}, nil
	case <-ctx.Done():
		return nil, fault.Wrap(ctx.Err(), fault.ProviderUnreachable, "")
	}
}

// boxOnly is a directory with one endpoint, of a vendor's.
func boxOnly(t *testing.T, vendor provider.Provider) *provider.Directory {
	t.Helper()
	return directory(t, provider.DirectoryOptions{NoProbe: true,
		Vendors:   map[provider.API]provider.Provider{provider.OpenAIChat: vendor},
		Endpoints: []provider.Endpoint{{Provider: "box", API: provider.OpenAIChat, BaseURL: "http://box"}}})
}

func TestCallersShareOneCallAndWaitEachForThemselves(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		vendor := &slow{takes: 1200 * time.Millisecond}
		d := boxOnly(t, vendor)

		hasty, leave := context.WithTimeout(t.Context(), time.Second)
		defer leave()
		go func() { _, _ = d.Route(t.Context(), provider.Caller{}, "") }()
		synctest.Wait()
		begun := time.Now()
		if _, problems := d.Models(hasty, provider.Caller{}); len(problems) != 1 {
			t.Errorf("problems %v", problems)
		}
		if took := time.Since(begun); took != time.Second {
			t.Errorf("who wanted to wait for a second waited for %v", took)
		}
		r, err := d.Route(t.Context(), provider.Caller{}, "")
		if err != nil || r.Model.ID() != "box/here" {
			t.Errorf("%+v, %v", r.Model, err)
		}
		if n := vendor.asked.Load(); n != 1 {
			t.Errorf("asked %d times", n)
		}
	})
}

// A provider that hangs is waited for once, is named, and what it said before
// stands.
func TestAProviderThatHangs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		vendor := &slow{takes: time.Millisecond}
		d := boxOnly(t, vendor)
		d.Models(t.Context(), provider.Caller{})
		<-time.After(time.Hour) // what was heard is old
		vendor.takes = time.Hour
		for _, most := range []time.Duration{1500 * time.Millisecond, 0} {
			begun := time.Now()
			offers, problems := d.Models(t.Context(), provider.Caller{})
			if took := time.Since(begun); took > most {
				t.Errorf("it took %v", took)
			}
			if len(problems) != 1 || problems[0].Provider != "box" || !fault.Is(problems[0].Err, fault.ProviderTimeout) {
				t.Errorf("problems %v", problems)
			}
			if offers[0].ID() != "box/here" || !offers[0].Usable || !offers[0].Default {
				t.Errorf("offers %+v", offers[0])
			}
		}
		<-time.After(time.Minute) // the call ends by itself
	})
}

// Whoever wants to know how it stands is told of a provider that has fallen silent
// since it was heard; but what came a moment ago is not asked for again.
func TestAFreshListIsAskedFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		vendor := &slow{takes: time.Millisecond}
		d := boxOnly(t, vendor)
		d.Models(t.Context(), provider.Caller{})
		for _, tc := range []struct {
			after time.Duration
			fresh bool
			asked int32
			wrong int
		}{{0, true, 1, 0}, {time.Minute, false, 1, 0}, {0, true, 2, 1}} {
			<-time.After(tc.after)
			if tc.wrong > 0 {
				vendor.takes = time.Hour
			}
			offers, problems := d.Models(t.Context(), provider.Caller{Fresh: tc.fresh})
			if n := vendor.asked.Load(); n != tc.asked || len(problems) != tc.wrong || offers[0].ID() != "box/here" {
				t.Errorf("%+v: asked %d times, problems %v", tc, n, problems)
			}
		}
		<-time.After(time.Minute) // the call ends by itself
	})
}

// On a machine whose firewall swallows the question, an Ollama that is not there
// costs 300 ms, and then nothing for a while.
func TestAnOllamaThatSaysNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		vendor := &slow{takes: time.Hour}
		d := directory(t, provider.DirectoryOptions{Vendors: map[provider.API]provider.Provider{provider.OpenAIChat: vendor}})
		for _, most := range []time.Duration{300 * time.Millisecond, 0} {
			begun := time.Now()
			r, err := d.Route(t.Context(), provider.Caller{Local: true}, "")
			if err != nil || r.Model.ID() != "demo/demo" {
				t.Errorf("%+v, %v", r.Model, err)
			}
			if took := time.Since(begun); took > most {
				t.Errorf("it took %v", took)
			}
			synctest.Wait()
		}
	})
}
