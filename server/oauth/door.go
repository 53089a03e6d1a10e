package oauth

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/signin"
	"github.com/aichat-term/aichat/server/visitor"
)

// Grants is what the door speaks for; *signin.Grants implements it.
type Grants interface {
	BeginDevice(ctx context.Context, r signin.DeviceRequest) (signin.DeviceCodes, error)
	Poll(ctx context.Context, client, deviceCode string, from identity.Seen) (signin.Answer, error)
	Refresh(ctx context.Context, r signin.Refreshing) (signin.Grant, error)
	Revoke(ctx context.Context, client, token string, from identity.Seen) error
}

// Options say what a Door needs. Grants and URL must be set.
type Options struct {
	Grants Grants

	// URL is the server's public address without a path, such as
	// "https://chat.example.com": the issuer, and what links begin with.
	URL string

	// DeviceRate is how often one network may ask for device codes; zero: 20 times
	// at once, then once in six seconds. Each is a row in the database and, in the
	// wrong hands, a mail that asks somebody to approve.
	DeviceRate visitor.Rate

	// UnknownRate is how many codes and tokens that are no good one network may
	// show; zero: 30 at once, then one in two seconds. Nobody guesses 160 bits:
	// this keeps those who try off the database.
	UnknownRate visitor.Rate

	// Limits counts how often who comes; nil: in this process alone.
	Limits visitor.Limits

	Now    func() time.Time // nil: time.Now
	Logger *slog.Logger     // nil: discard
}

func (o Options) complete() Options {
	if o.DeviceRate == (visitor.Rate{}) {
		o.DeviceRate = visitor.Rate{Burst: 20, Every: 6 * time.Second}
	}
	if o.UnknownRate == (visitor.Rate{}) {
		o.UnknownRate = visitor.Rate{Burst: 30, Every: 2 * time.Second}
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Limits == nil {
		o.Limits = visitor.Alone(o.Now)
	}
	o.URL = strings.TrimSuffix(o.URL, "/")
	return o
}

// Door is an http.Handler for the paths of the package's comment. It is safe for
// concurrent use.
type Door struct {
	grants   Grants
	url      string
	log      *slog.Logger
	now      func() time.Time
	devices  visitor.Limiter // device requests, by network
	around   visitor.Limiter // the same, by site, which may have six networks' worth
	unknown  visitor.Limiter // codes and tokens that are no good, by network
	refused  visitor.Limiter // the same, by themselves: used up when they were shown once
	hasty    visitor.Limiter // polls that came too soon, by device code
	metadata []byte
	mux      *http.ServeMux
}

// New makes a Door.
func New(o Options) *Door {
	o = o.complete()
	d := &Door{
		grants: o.Grants, url: o.URL, log: o.Logger, now: o.Now,
		devices: o.Limits("device", o.DeviceRate),
		around:  o.Limits("device_site", visitor.Rate{Burst: 6 * o.DeviceRate.Burst, Every: o.DeviceRate.Every / 6}),
		unknown: o.Limits("unknown", o.UnknownRate),
		refused: o.Limits("refused", visitor.Rate{Burst: 1, Every: time.Hour}),
		hasty:   o.Limits("hasty", visitor.Rate{Burst: 20, Every: 5 * time.Second}),
		mux:     http.NewServeMux(),
	}
	d.metadata = d.describe()
	d.handle(wire.PathDeviceCode, d.form(d.deviceCode))
	d.handle(wire.PathOAuthToken, d.form(d.token))
	d.handle(wire.PathRevoke, d.form(d.revoke))
	d.handle(wire.PathMetadata, d.serveMetadata)
	d.handle("/", func(w http.ResponseWriter, r *http.Request) { d.fail(w, r, errNoEndpoint) })
	return d
}

func (d *Door) handle(route string, handler http.HandlerFunc) {
	d.mux.HandleFunc(route, d.observe(route, handler))
}

// ServeHTTP implements http.Handler.
func (d *Door) ServeHTTP(w http.ResponseWriter, r *http.Request) { d.mux.ServeHTTP(w, r) }

// asked is a request that has been read.
type asked struct {
	form form
	from identity.Seen
}

// form makes an endpoint of what answers a form: with a body, nil for none, or
// with an error.
func (d *Door) form(answer func(context.Context, asked) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		f, err := readForm(w, r)
		var body any
		if err == nil {
			body, err = answer(r.Context(), asked{f, identity.Seen{
				Address: visitor.Address(r), Client: cmp.Or(f[wire.FieldClientVersion], r.UserAgent()),
			}})
		}
		if err != nil {
			d.fail(w, r, err)
			return
		}
		reply(w, http.StatusOK, body)
	}
}
