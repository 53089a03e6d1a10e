package web_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestGuessingACodeByEmail(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.person()
	p.open("/signin").fill("/signin/email", "email", "ada@example.com")
	right := w.code("ada@example.com")
	for range 5 {
		p.fill("/signin/email/code", "code", another(right)).sees(422, "Error: Check your mail", "That is not the code.")
	}
	p.fill("/signin/email/code", "code", right).sees(403, "That did not work", "tried too often")
}

// code is the newest one that was mailed to an address.
func (w *world) code(to string) string {
	w.t.Helper()
	return strings.ReplaceAll(w.letter("code", to).Data["code"], " ", "")
}

// another is six digits that are not those.
func another(code string) string {
	if code == "000000" {
		return "000001"
	}
	return "000000"
}

// Many at once have five tries as well.
func TestGuessingACodeInParallel(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, where database) {
		w := newWorldOn(t, where)
		p := w.person()
		p.open("/signin").fill("/signin/email", "email", "ada@example.com")
		right := w.code("ada@example.com")
		values := p.page.forms[0].fields
		var all sync.WaitGroup
		var mu sync.Mutex
		seen := map[int]int{}
		for i := range 15 {
			all.Go(func() {
				guess := url.Values{"code": {fmt.Sprintf("%06d", i)}}
				if guess.Get("code") == right {
					return
				}
				for k, v := range values {
					if k != "code" {
						guess[k] = v
					}
				}
				r := httpPost(t, w.url+"/signin/email/code")
				body := strings.NewReader(guess.Encode())
				r.Body, r.ContentLength = nopCloser{body}, int64(body.Len())
				resp, err := p.client.Do(r)
				if err != nil {
					t.Error(err)
					return
				}
				resp.Body.Close()
				mu.Lock()
				defer mu.Unlock()
				seen[resp.StatusCode]++
			})
		}
		all.Wait()
		if seen[422] != 5 {
			t.Errorf("the answers are %v; five may be of a code that was compared", seen)
		}
		p.fill("/signin/email/code", "code", right).sees(403, "That did not work", "tried too often")
	})
}

// The right code, many times at once, signs in once.
func TestACodeWorksOnce(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, where database) {
		w := newWorldOn(t, where)
		p := w.person()
		p.open("/signin").fill("/signin/email", "email", "ada@example.com")
		values := p.page.forms[0].fields
		values.Set("code", w.code("ada@example.com"))
		p.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		var all sync.WaitGroup
		var mu sync.Mutex
		in := 0
		for range 8 {
			all.Go(func() {
				r := httpPost(t, w.url+"/signin/email/code")
				body := strings.NewReader(values.Encode())
				r.Body, r.ContentLength = nopCloser{body}, int64(body.Len())
				resp, err := (&http.Client{CheckRedirect: p.client.CheckRedirect, Transport: cookied(p.cookie())}).Do(r)
				if err != nil {
					t.Error(err)
					return
				}
				resp.Body.Close()
				mu.Lock()
				defer mu.Unlock()
				if resp.StatusCode == http.StatusSeeOther {
					in++
				}
			})
		}
		all.Wait()
		if in != 1 || len(w.users()) != 1 {
			t.Errorf("%d are in, as %d users", in, len(w.users()))
		}
	})
}

// cookied sends one cookie, whatever answers set.
type cookied string

func (c cookied) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Cookie", "aichat="+string(c))
	return http.DefaultTransport.RoundTrip(r)
}

func TestACodeIsForOneBrowser(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	victim, attacker := w.person(), w.person()
	victim.open("/signin").fill("/signin/email", "email", "ada@example.com")
	code := w.code("ada@example.com")
	attacker.post("/signin/email/code", url.Values{"token": {attacker.token()}, "email": {"ada@example.com"}, "code": {code}}).sees(403, "That did not work")
	// That cost the victim nothing.
	victim.fill("/signin/email/code", "code", code).sees(200, "Your account")
}

func TestANewerCodeVoidsTheOlder(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.person()
	p.open("/signin").fill("/signin/email", "email", "ada@example.com")
	older := w.code("ada@example.com")
	p.open("/signin").fill("/signin/email", "email", "ada@example.com")
	newer := w.code("ada@example.com")
	if older == newer {
		t.Fatal("one in a million: the codes are equal") // run it again
	}
	p.fill("/signin/email/code", "code", older).sees(422, "Error: Check your mail")
	p.fill("/signin/email/code", "code", newer[:3]+" - "+newer[3:]).sees(200, "Your account")
}

func TestACodeEnds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.person()
	p.open("/signin").fill("/signin/email", "email", "ada@example.com")
	w.clock.pass(10*time.Minute + time.Second)
	p.fill("/signin/email/code", "code", w.code("ada@example.com")).sees(403, "That did not work", "too old")
}

func TestGuessingUserCodes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.person()
	p.open("/device")
	for range 15 {
		p.fill("/device", "user_code", "XXXXXXXX").sees(422, "Error: Enter your code", "No sign-in waits")
	}
	p.fill("/device", "user_code", "XXXXXXXX").sees(429, "A little slower, please")
	if p.page.header.Get("Retry-After") != "6" {
		t.Errorf("Retry-After is %q", p.page.header.Get("Retry-After"))
	}
	// Other browsers of the same address have what is left of it.
	for range 15 {
		q := w.person()
		q.open("/device").fill("/device", "user_code", "XXXXXXXX").sees(422, "Error: Enter your code")
	}
	q := w.person()
	q.open("/device").fill("/device", "user_code", "XXXXXXXX").sees(429, "A little slower, please")
	// Somebody elsewhere notices nothing.
	r := w.person()
	r.from("127.0.0.2")
	r.open("/device").fill("/device", "user_code", "XXXXXXXX").sees(422, "Error: Enter your code")
	w.clock.pass(6 * time.Second)
	q.open("/device").fill("/device", "user_code", "XXXXXXXX").sees(422, "Error: Enter your code")
}

// A mailbox is not filled by strangers, nor anything by one address.
func TestCodesByEmailAreLimited(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i := range 6 {
		p := w.person()
		p.from(fmt.Sprintf("127.0.2.%d", i+1))
		p.open("/signin").fill("/signin/email", "email", "Ada@example.com")
		if want := map[bool]int{true: 200, false: 429}[i < 5]; p.page.status != want {
			t.Errorf("letter %d to one mailbox: %d", i, p.page.status)
		}
	}
	p := w.person()
	for i := range 11 {
		p.open("/signin").fill("/signin/email", "email", fmt.Sprintf("ada%d@example.com", i))
		if want := map[bool]int{true: 200, false: 429}[i < 10]; p.page.status != want {
			t.Errorf("letter %d from one address: %d", i, p.page.status)
		}
	}
}

// A customer with a /48 has 65 536 networks, and no more guesses for it.
func TestGuessingUserCodesFromManyNetworks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	guess := func(address string) int {
		p := w.person()
		p.client.Transport = visit{w.door, address}
		return p.open("/device").fill("/device", "user_code", "XXXXXXXX").page.status
	}
	for i := range 120 {
		if status := guess(fmt.Sprintf("[2001:db8:7:%x::1]:4711", i)); status != 422 {
			t.Fatalf("guess %d: %d", i, status)
		}
	}
	if status := guess("[2001:db8:7:ffff::1]:4711"); status != 429 {
		t.Errorf("one from yet another network: %d", status)
	}
	if status := guess("[2001:db8:8::1]:4711"); status != 422 {
		t.Errorf("somebody else's: %d", status)
	}
}

// Nor does a customer write to more people than one network may, by much.
func TestLettersFromManyNetworks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i := range 41 {
		p := w.person()
		p.client.Transport = visit{w.door, fmt.Sprintf("[2001:db8:7:%x::1]:4711", i)}
		p.open("/signin").fill("/signin/email", "email", fmt.Sprintf("ada%d@example.com", i))
		if want := map[bool]int{true: 200, false: 429}[i < 40]; p.page.status != want {
			t.Fatalf("letter %d: %d", i, p.page.status)
		}
	}
}

// What strangers leave in the log of security events is limited by site, too.
func TestRefusalsFromManyNetworks(t *testing.T) {
	t.Parallel()
	w := newWorld(t, with("one"))
	for i := range 301 {
		p := w.person()
		p.client.Transport = visit{w.door, fmt.Sprintf("[2001:db8:7:%x::1]:4711", i)}
		p.open("/signin/one/callback?code=ada&state=none")
		if want := map[bool]int{true: 403, false: 429}[i < 300]; p.page.status != want {
			t.Fatalf("answer %d: %d", i, p.page.status)
		}
	}
	if n := len(w.events()); n > 300 {
		t.Errorf("%d events", n)
	}
}

// visit is a connection from an address that this machine does not have.
type visit struct {
	door http.Handler
	from string
}

func (v visit) RoundTrip(r *http.Request) (*http.Response, error) {
	in := httptest.NewRequestWithContext(r.Context(), r.Method, r.URL.String(), r.Body)
	in.Header, in.RemoteAddr = r.Header, v.from
	w := httptest.NewRecorder()
	v.door.ServeHTTP(w, in)
	out := w.Result()
	out.Request = r
	return out, nil
}

// One code after the other, and from everywhere, is guessing as well.
func TestGuessingManyCodesOfOneMailbox(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i := range 4 {
		p := w.person()
		p.from(fmt.Sprintf("127.0.3.%d", i+1))
		p.open("/signin").fill("/signin/email", "email", "ada@example.com").sees(200, "Check your mail")
		wrong := another(w.code("ada@example.com"))
		for range 5 {
			p.fill("/signin/email/code", "code", wrong).sees(422, "Error: Check your mail")
		}
	}
	letters := len(w.store.letters())
	p := w.person()
	p.from("127.0.3.9")
	p.open("/signin").fill("/signin/email", "email", "Ada@Example.com").sees(429, "A little slower, please")
	if len(w.store.letters()) != letters {
		t.Error("a letter is sent that is of no use")
	}
	p.open("/signin").fill("/signin/email", "email", "bob@example.com").sees(200, "Check your mail")
	w.clock.pass(15 * time.Minute)
	p.open("/signin").fill("/signin/email", "email", "ada@example.com").sees(200, "Check your mail")
	p.fill("/signin/email/code", "code", w.code("ada@example.com")).sees(200, "Your account")
}

// Who never asked for a code keeps nobody out by typing some.
func TestTypingCodesKeepsNobodyOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.person()
	ada.from("127.0.4.1")
	ada.open("/signin").fill("/signin/email", "email", "ada@example.com").sees(200, "Check your mail")
	for i := range 30 {
		p := w.person()
		p.from(fmt.Sprintf("127.0.4.%d", 2+i/10))
		p.open("/signin").fill("/signin/email", "email", fmt.Sprintf("eve%d@example.com", i)).sees(200, "Check your mail")
		p.fill("/signin/email/code", "email", "ada@example.com", "code", "000000").sees(403, "That did not work")
	}
	ada.fill("/signin/email/code", "code", w.code("ada@example.com")).sees(200, "Your account")
}
