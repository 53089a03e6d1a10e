package httpapi_test

import (
	"cmp"
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/httpapi"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/vault"
)

// Keys of a user, of an account and of the server.
const (
	aKey = "019a0000-0000-7000-8000-000000000061"
	bKey = "019a0000-0000-7000-8000-000000000062"
	cKey = "019a0000-0000-7000-8000-000000000063"
)

const keyText = "sk-very-secret-0123456789"

// fakeKeys are keys in memory, unsealed.
type fakeKeys struct {
	mu    sync.Mutex
	byID  map[vault.KeyID]vault.Shown
	notes []vault.Note
	ready error
}

func (f *fakeKeys) Ready(context.Context) error { return f.ready }

func newFakeKeys() *fakeKeys {
	f := &fakeKeys{byID: map[vault.KeyID]vault.Shown{}}
	for id, o := range map[vault.KeyID]vault.Owner{aKey: vault.User(aUser), bKey: vault.Account(anAcct), cKey: vault.Server()} {
		f.byID[id] = vault.Shown{Readable: true, Key: vault.Key{ID: id, Owner: o, Provider: "anthropic", Hint: "6789", Weight: 1, CreatedAt: noon,
			MasterKey: "0badcafe", Trouble: vault.Trouble{Kind: fault.ProviderAuth, At: noon}}}
	}
	return f
}

func (f *fakeKeys) Add(_ context.Context, k vault.Key, _ vault.Secret) (vault.Shown, bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	k.CreatedAt = noon
	f.byID[k.ID] = vault.Shown{Key: k, Readable: true}
	return f.byID[k.ID], true, nil
}

func (f *fakeKeys) List(_ context.Context, owners ...vault.Owner) (all []vault.Shown, _ error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, k := range f.byID {
		if len(owners) == 0 || slices.Contains(owners, k.Owner) {
			all = append(all, k)
		}
	}
	slices.SortFunc(all, func(a, b vault.Shown) int { return cmp.Compare(a.ID, b.ID) })
	return all, nil
}

func (f *fakeKeys) ListAll(ctx context.Context) ([]vault.Shown, error) { return f.List(ctx) }

func (f *fakeKeys) OwnerOf(_ context.Context, id vault.KeyID) (vault.Owner, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if k, ok := f.byID[id]; ok {
		return k.Owner, nil
	}
	return vault.Owner{}, fault.New(fault.NotFound, "no such key")
}

func (f *fakeKeys) find(o vault.Owner, id vault.KeyID) (vault.Shown, error) {
	if k, ok := f.byID[id]; ok && k.Owner == o {
		return k, nil
	}
	return vault.Shown{}, fault.New(fault.NotFound, "no such key")
}

func (f *fakeKeys) Open(_ context.Context, o vault.Owner, id vault.KeyID) (vault.Key, vault.Secret, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	k, err := f.find(o, id)
	return k.Key, vault.NewSecret(keyText), err
}

func (f *fakeKeys) Change(_ context.Context, o vault.Owner, id vault.KeyID, c vault.Change) (vault.Shown, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	k, err := f.find(o, id)
	if c.Disabled != nil {
		k.Disabled = *c.Disabled
	}
	if err == nil {
		f.byID[id] = k
	}
	return k, err
}

func (f *fakeKeys) Remove(_ context.Context, o vault.Owner, id vault.KeyID) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	_, err := f.find(o, id) // it stays: those who are tried after this one find it too
	return err
}

func (f *fakeKeys) Rotate(context.Context) (vault.Rotation, error) {
	return vault.Rotation{MasterKey: "0badcafe", Resealed: 2, Unreadable: []vault.Key{{ID: aKey, Owner: vault.Server(), CreatedAt: noon}}}, nil
}

func (f *fakeKeys) Note(n vault.Note) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.notes = append(f.notes, n)
}

// listed is a provider that offers models, or refuses.
func listed(err error, names ...string) httpapi.ModelLister {
	return func(context.Context, provider.Endpoint) (all []provider.Model, _ error) {
		for _, n := range names {
			all = append(all, provider.Model{Name: n})
		}
		return all, err
	}
}

// reach lets everything be called but what is said to be private.
type reach struct{}

func (reach) CheckURL(base string) error {
	if strings.Contains(base, "private") {
		return &fault.Error{Kind: fault.Invalid, Subject: "base_url", Message: "The base URL is private."}
	}
	return nil
}

// operators is a server whose visitors are the operator.
func operators(w *world) func(method, path, body string) (int, string) {
	s := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.api.ServeHTTP(rw, r.WithContext(httpapi.OperatorContext(r.Context())))
	}))
	w.t.Cleanup(s.Close)
	return func(method, path, body string) (int, string) {
		req, err := http.NewRequestWithContext(w.t.Context(), method, s.URL+path, strings.NewReader(body))
		if err != nil {
			w.t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			w.t.Fatal(err)
		}
		w.t.Cleanup(func() { _ = resp.Body.Close() })
		return resp.StatusCode, w.read(resp)
	}
}

func newKey(id, rest string) string {
	return `{"id":"` + id + `","provider":"box","key":"` + keyText + `"` + rest + `}`
}

func TestAKeyThatIsAddedIsNeverShown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	resp := w.call("POST", wire.PathKeys, newKey(unknown, `,"base_url":"https://box.example.com/v1/","label":"Mine","weight":3`))
	body := w.read(resp)
	if resp.StatusCode != http.StatusCreated || !strings.Contains(body, `"owner":"user"`) || !strings.Contains(body, `"base_url":"https://box.example.com/v1"`) {
		t.Errorf("%d: %s", resp.StatusCode, body)
	}
	body += w.read(w.call("GET", wire.PathKeys, "")) + w.log.String()
	for _, e := range w.identity.events {
		body += e.Detail
	}
	if strings.Contains(body, keyText) {
		t.Errorf("the key is told: %s", body)
	}
	if last := w.identity.events[len(w.identity.events)-1]; last.What != identity.KeyAdded || last.User != aUser || !strings.Contains(last.Detail, "https://box.example.com:443") {
		t.Errorf("recorded: %+v", last)
	}
}

func TestWhatIsNoKeyIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	operator := operators(w)
	for name, tc := range map[string]struct{ body, field string }{
		"a private address":   {newKey(unknown, `,"base_url":"https://private.example.com/v1"`), "private"},
		"no address":          {newKey(unknown, ``), "base URL is missing"},
		"an unknown dialect":  {newKey(unknown, `,"base_url":"https://box.example.com/v1","api":"x"`), "dialect"},
		"a weight too great":  {newKey(unknown, `,"base_url":"https://box.example.com/v1","weight":1001`), "weight"},
		"a label of lines":    {newKey(unknown, `,"base_url":"https://box.example.com/v1","label":"a\nb"`), "label"},
		"no key":              {`{"id":"` + unknown + `","provider":"openai"}`, "key is missing"},
		"a key with a header": {`{"id":"` + unknown + `","provider":"openai","key":"sk-1\r\nX: y"}`, "line's end"},
		"no id":               {newKey("x", ``), "id"},
	} {
		resp := w.call("POST", wire.PathKeys, tc.body)
		if body := w.read(resp); resp.StatusCode != http.StatusBadRequest || !strings.Contains(body, tc.field) || strings.Contains(body, "sk-") {
			t.Errorf("%s: %d %s", name, resp.StatusCode, body)
		}
	}
	if status, body := operator("POST", wire.PathAdminKeys, newKey(unknown, `,"base_url":"http://private.example.com/v1"`)); status != http.StatusCreated {
		t.Errorf("the operator's word: %d %s", status, body)
	}
	if status, body := operator("POST", wire.PathAdminKeys+"?user="+aUser, newKey(bConv, `,"base_url":"https://private.example.com/v1"`)); status != http.StatusBadRequest {
		t.Errorf("for one account: %d %s", status, body)
	}
}

func TestNobodyReachesAnothersKey(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, id := range []string{bKey, cKey, unknown} {
		for _, try := range []struct{ method, path, body string }{
			{"PATCH", wire.KeyPath(wire.PathKeys, id), `{"disabled":true}`},
			{"DELETE", wire.KeyPath(wire.PathKeys, id), ""},
			{"POST", wire.KeyPath(wire.PathKeys, id, wire.BelowTest), ""},
		} {
			if resp := w.call(try.method, try.path, try.body); resp.StatusCode != http.StatusNotFound {
				t.Errorf("%s %s: %d", try.method, try.path, resp.StatusCode)
			}
		}
	}
	status, body := operators(w)("POST", wire.KeyPath(wire.PathAdminKeys, aKey, wire.BelowTest), "")
	if status != http.StatusForbidden {
		t.Errorf("the operator tries a user's own: %d %s", status, body)
	}
}

func TestATestSaysWhatCameBack(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		list  httpapi.ModelLister
		want  string
		notes []fault.Kind
	}{
		"models": {listed(nil, "claude-x", "text-embedding-3", "claude-y"), `"works":true,"detail":"The provider takes the key, and offers 2 models that chat.","models":["claude-x","claude-y"]`, []fault.Kind{0}},
		"none":   {listed(nil), `"works":true,"detail":"The provider takes the key, and lists no model that chats."`, []fault.Kind{0}},
		"refused": {listed(fault.New(fault.ProviderAuth, "anthropic does not take the key.")),
			`"works":false,"detail":"anthropic does not take the key.","code":"provider_auth"`, []fault.Kind{fault.ProviderAuth}},
		"down": {listed(fault.New(fault.ProviderUnreachable, "anthropic cannot be reached.")),
			`"works":false,"detail":"anthropic cannot be reached.","code":"provider_unreachable"`, []fault.Kind{fault.ProviderUnreachable}},
		"ours": {listed(fault.New(fault.Internal, "Broken here.")), `"works":false`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(o *httpapi.Options) { o.ListModels = tc.list })
			resp := w.call("POST", wire.KeyPath(wire.PathKeys, aKey, wire.BelowTest), "")
			if body := w.read(resp); resp.StatusCode != http.StatusOK || !strings.Contains(body, tc.want) {
				t.Errorf("%d %s", resp.StatusCode, body)
			}
			var kinds []fault.Kind
			for _, n := range w.keys.notes {
				kinds = append(kinds, n.Trouble)
			}
			if !slices.Equal(kinds, tc.notes) {
				t.Errorf("noted %v, want %v", kinds, tc.notes)
			}
		})
	}
}

// Each try is a call to an address that the user has chosen.
func TestKeysAreNotTriedTooOften(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *httpapi.Options) {
		o.ListModels, o.Now = listed(nil, "m"), func() time.Time { return noon }
	})
	mine, accounts := wire.KeyPath(wire.PathKeys, aKey, wire.BelowTest), wire.KeyPath(wire.PathAccountKeys, bKey, wire.BelowTest)
	for i := range 10 {
		if resp := w.call("POST", mine, ""); resp.StatusCode != http.StatusOK {
			t.Fatalf("try %d: %d %s", i, resp.StatusCode, w.read(resp))
		}
	}
	for _, path := range []string{mine, accounts} {
		resp := w.call("POST", path, "")
		if p := w.problem(resp); p.Code != wire.RateLimited || resp.Header.Get("Retry-After") != "6" {
			t.Errorf("%s: %+v, Retry-After %q", path, p, resp.Header.Get("Retry-After"))
		}
	}
	if status, body := operators(w)("POST", wire.KeyPath(wire.PathAdminKeys, cKey, wire.BelowTest), ""); status != http.StatusOK {
		t.Errorf("the operator's: %d %s", status, body)
	}
}

func TestWhatIsDoneToKeysIsRecorded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	operator := operators(w)
	for _, try := range []struct {
		method, path, body string
		what               identity.What
		detail             string
	}{
		{"PATCH", wire.KeyPath(wire.PathAdminKeys, cKey), `{"disabled":true}`, identity.KeyChanged, "Disabled the server's key"},
		{"PATCH", wire.KeyPath(wire.PathAdminKeys, aKey), `{"disabled":false}`, identity.KeyChanged, "Enabled a user's own key"},
		{"PATCH", wire.KeyPath(wire.PathAdminKeys, bKey), `{"weight":5}`, identity.KeyChanged, "Changed an account's key"},
		{"DELETE", wire.KeyPath(wire.PathAdminKeys, aKey), "", identity.KeyRemoved, "Removed the key " + aKey},
		{"POST", wire.PathAdminRotate, "", identity.KeysRotated, "Sealed 2 provider keys anew"},
	} {
		if status, body := operator(try.method, try.path, try.body); status >= http.StatusBadRequest {
			t.Errorf("%s %s: %d %s", try.method, try.path, status, body)
		}
		last := w.identity.events[len(w.identity.events)-1]
		if last.What != try.what || last.By != "operator" || !strings.HasPrefix(last.Detail, try.detail) {
			t.Errorf("%s %s: recorded %+v", try.method, try.path, last)
		}
	}
}

// Where no key can be kept the list says so, before anybody types one.
func TestAListOfKeysSaysWhetherMayBeMore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	operator := operators(w)
	for _, closed := range []string{"", "There is no master key."} {
		if closed != "" {
			w.keys.ready = fault.New(fault.Forbidden, "%s", closed)
		}
		_, all := operator("GET", wire.PathAdminKeys, "")
		for _, body := range []string{all, w.read(w.call("GET", wire.PathKeys, ""))} {
			if got := strings.Contains(body, `"closed":"`+closed); got != (closed != "") {
				t.Errorf("%q: %s", closed, body)
			}
		}
	}
}

// The operator is told until when a key rests; its owner is not.
func TestTheOperatorSeesWhichKeysRest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if _, all := operators(w)("GET", wire.PathAdminKeys+"?all=true", ""); strings.Count(all, `"until":`) != 1 || strings.Count(all, `"trouble":`) != 3 {
		t.Error(all)
	}
	if own := w.read(w.call("GET", wire.PathKeys, "")); strings.Contains(own, `"until":`) || !strings.Contains(own, `"trouble":`) {
		t.Error(own)
	}
}
