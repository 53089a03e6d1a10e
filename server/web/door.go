package web

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/signin"
	"github.com/aichat-term/aichat/server/visitor"
)

// Options say what the door opens on. Pages, Grants and URL must be set.
type Options struct {
	Pages  *signin.Pages
	Grants Grants

	// URL is the server's public address, without a slash at the end. With https
	// the cookie is one that no other site, port or subdomain can set.
	URL string

	// Limits counts how often who comes; nil: in this process alone.
	Limits visitor.Limits

	Now    func() time.Time // nil: time.Now
	Logger *slog.Logger     // nil: discard
}

// Grants is what the door needs of signin.Grants.
type Grants interface {
	Pending(ctx context.Context, code signin.UserCode) (signin.Device, error)
	Decide(ctx context.Context, code signin.UserCode, user identity.UserID, approve bool, from identity.Seen) (signin.Device, error)
}

// Door serves the pages. It is safe for concurrent use.
type Door struct {
	o      Options
	host   string // of the URL, for people
	secure bool
	mux    *http.ServeMux
	limits limits
	origin *http.CrossOriginProtection
}

// New makes the door.
func New(o Options) *Door {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Limits == nil {
		o.Limits = visitor.Alone(o.Now)
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	d := &Door{
		o: o, host: hostOf(o.URL), secure: strings.HasPrefix(o.URL, "https://"),
		mux: http.NewServeMux(), limits: newLimits(o.Limits), origin: http.NewCrossOriginProtection(),
	}
	for pattern, a := range d.routes() {
		d.mux.Handle(pattern, d.page(a))
	}
	d.mux.HandleFunc("GET "+stylePath, serveStyle)
	return d
}

// routes are all there are. What none of them matches is a page that says so.
func (d *Door) routes() map[string]action {
	return map[string]action{
		"GET /{$}": home,

		"GET /device":          enterCode,
		"POST /device":         lookUp,
		"GET /device/confirm":  confirm,
		"POST /device/confirm": decide,
		"GET /device/allowed":  show("allowed", "You are signed in"),
		"GET /device/denied":   show("denied", "Turned down"),

		"GET /signin":                     choose,
		"POST /signin/{provider}":         begin,
		"GET /signin/{provider}/callback": finish,
		"GET /signin/email":               chooseAgain,
		"POST /signin/email":              sendCode,
		"GET /signin/email/code":          chooseAgain,
		"POST /signin/email/code":         tryCode,

		"GET /owner":  ownerForm,
		"POST /owner": useLink,

		"GET /account":         account,
		"POST /account/unlink": unlink,
		"POST /signout":        signOut,

		"/": nothingHere,
	}
}

// OwnerURL is the address of the link whose credential Pages.OwnerLink made.
func OwnerURL(base, link string) string {
	return base + "/owner?" + url.Values{"link": {link}}.Encode()
}

func (d *Door) ServeHTTP(w http.ResponseWriter, r *http.Request) { d.mux.ServeHTTP(w, r) }

func hostOf(base string) string {
	u, err := url.Parse(base)
	if err != nil {
		return ""
	}
	return u.Host
}
