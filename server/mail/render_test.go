package mail_test

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/mail"
)

var update = flag.Bool("update", false, "write the golden files")

var at = time.Date(2026, 11, 23, 9, 30, 0, 0, time.UTC)

const (
	server = "https://chat.example.com"
	to     = "ada@example.com"
)

// letters are every letter, and every shape of it.
var letters = []struct {
	name   string
	letter mail.Letter
}{
	{"code", mail.Code{To: to, Server: server, Code: "123456", Address: "203.0.113.7", At: at, Expires: at.Add(10 * time.Minute)}.Letter()},
	{"code_unknown_address", mail.Code{To: to, Server: server, Code: "000001", At: at, Expires: at.Add(10 * time.Minute)}.Letter()},
	{"welcome", mail.Welcome{To: to, Server: server, Name: "Ada Lovelace"}.Letter()},
	{"welcome_no_name", mail.Welcome{To: to, Server: server}.Letter()},
	{"invitation", mail.Invitation{To: to, Server: server, Link: server + "/signin", By: "Grace Hopper", Expires: at}.Letter()},
	{"invitation_operator", mail.Invitation{To: to, Server: server, Link: server + "/signin"}.Letter()},
	{"new_session", mail.NewSession{To: to, Server: server, Device: "ada's laptop", Version: "aichat 1.2.0", Address: "2001:db8::7", At: at}.Letter()},
	{"new_session_unknown", mail.NewSession{To: to, Server: server, At: at}.Letter()},
	{"account_deleted", mail.AccountDeleted{To: to, Server: server, Name: "Ada", At: at}.Letter()},
	{"limit", mail.Limit{To: to, Server: server, Name: "Ada", Percent: 80, Used: "400 of 500 messages a month", Resets: at}.Letter()},
	{"limit_reached", mail.Limit{To: to, Server: server, Percent: 100, Used: "$2.00 of $2.00 a month", Resets: at}.Letter()},
	{"trial", mail.Trial{To: to, Server: server, At: at}.Letter()},
}

func TestLetters(t *testing.T) {
	t.Parallel()
	for _, tc := range letters {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			m, err := tc.letter.Render()
			if err != nil {
				t.Fatal(err)
			}
			if m.To != to || m.Letter != tc.letter.Name {
				t.Errorf("to %q, letter %q", m.To, m.Letter)
			}
			golden(t, tc.name+".txt", "Subject: "+m.Subject+"\n\n"+m.Text)
			golden(t, tc.name+".html", m.HTML)
		})
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s has changed (-update writes it anew):\n%s", path, got)
	}
}

// What people must be able to rely on in every letter.
func TestLettersAreQuiet(t *testing.T) {
	t.Parallel()
	loads := regexp.MustCompile(`(?i)<(img|link|script|iframe|object|form|base|svg)\b|\bsrc=|url\(|@import|@font-face|\bon[a-z]+=`)
	for _, tc := range letters {
		m, err := tc.letter.Render()
		if err != nil {
			t.Fatal(err)
		}
		if found := loads.FindString(m.HTML); found != "" {
			t.Errorf("%s loads something: %q", tc.name, found)
		}
		if !strings.Contains(m.HTML, `<meta name="color-scheme" content="light dark">`) {
			t.Errorf("%s does not say that it is fit for the dark", tc.name)
		}
		for line := range strings.Lines(m.Text) {
			if len([]rune(line)) > 79 {
				t.Errorf("%s: a line of %d characters: %q", tc.name, len([]rune(line)), line)
			}
		}
		if strings.Contains(m.Subject, "123 456") {
			t.Errorf("%s shows its code in the subject", tc.name)
		}
	}
}

// Names that people and programs choose for themselves.
func TestForeignWords(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, text, shown, html string }{
		{"markup", `<b>Bob</b> & "co"`, `<b>Bob</b> & "co"`, `&lt;b&gt;Bob&lt;/b&gt; &amp; &#34;co&#34;`},
		{"header", "Bob\r\nBcc: all@example.com", "Bob Bcc: all@example.com", "Bob Bcc: all@example.com"},
		{"template", "{{.code}}", "{{.code}}", "{{.code}}"},
		{"escape", "Bob\x1b[31m\x07", "Bob [31m", "Bob [31m"},
		{"turned around", "Bob\u202egpj.exe\u2066", "Bobgpj.exe", "Bobgpj.exe"},
		{"a family", "👩\u200d👧", "👩\u200d👧", "👩\u200d👧"},
		{"not UTF-8", "B\xffb", "Bb", "Bb"},
		{"long", strings.Repeat("é", 200), strings.Repeat("é", 79) + "…", strings.Repeat("é", 79) + "…"},
	} {
		m, err := mail.NewSession{To: to, Server: server, Device: tc.text, At: at}.Letter().Render()
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(m.Text, "    Device   "+tc.shown+"\n") {
			t.Errorf("%s: the text is\n%s", tc.name, m.Text)
		}
		if !strings.Contains(m.HTML, "<td>"+tc.html+"</td>") {
			t.Errorf("%s: the HTML is\n%s", tc.name, m.HTML)
		}
	}
}

func TestLinksOfInvitations(t *testing.T) {
	t.Parallel()
	m, err := mail.Invitation{To: to, Server: server, Link: `javascript:alert(1)`}.Letter().Render()
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(m.HTML, `href="javascript:`) {
		t.Error("a link runs a script")
	}
}

func TestBrokenLetters(t *testing.T) {
	t.Parallel()
	for _, l := range []mail.Letter{
		{Name: "no_such_letter", To: to, Data: map[string]string{"server": server}},
		{Name: "../templates/code", To: to, Data: map[string]string{"server": server, "code": "s3cret"}},
		{Name: "code", To: to, Data: map[string]string{"server": server, "code": "s3cret"}},
		{Name: "trial", To: to, Data: map[string]string{"server": "a\nb", "code": "s3cret", "at": "now"}},
		{Name: "trial", To: to},
	} {
		_, err := l.Render()
		if !fault.Is(err, fault.Internal) {
			t.Errorf("%q: %v", l.Name, err)
			continue
		}
		if strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%q: the error tells the code: %v", l.Name, err)
		}
	}
}

func TestExpiry(t *testing.T) {
	t.Parallel()
	if l := (mail.Code{Expires: at}).Letter(); !l.Expires.Equal(at) {
		t.Errorf("a code's letter expires at %v", l.Expires)
	}
	if l := (mail.Welcome{}).Letter(); !l.Expires.IsZero() {
		t.Errorf("a welcome expires at %v", l.Expires)
	}
}
