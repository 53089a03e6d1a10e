package providertest

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/aichat-term/aichat/server/fault"
)

// refusals are the vendor's documented error responses.
func refusals(v Vendor) []Fault {
	var all []Fault
	for _, r := range v.Refusals {
		all = append(all, Fault{
			Name: "refused: " + r.Name, Serve: reply(r.Status, r.Header, r.Body),
			Want: Outcome{Kind: r.Want, RetryAfter: r.RetryAfter, Says: r.Says},
		})
	}
	return all
}

// statusKinds is what a status means when its body says nothing.
var statusKinds = []struct {
	status int
	kind   fault.Kind
}{
	{400, fault.ProviderRefused},
	{401, fault.ProviderAuth},
	{402, fault.ProviderQuota},
	{403, fault.ProviderAuth},
	{404, fault.ProviderRefused},
	{408, fault.ProviderTimeout},
	{413, fault.ContextTooLong},
	{422, fault.ProviderRefused},
	{429, fault.ProviderRateLimited},
	{500, fault.ProviderOverloaded},
	{502, fault.ProviderOverloaded},
	{503, fault.ProviderOverloaded},
	{504, fault.ProviderOverloaded},
	{529, fault.ProviderOverloaded},
}

const page = "<!doctype html><html><head><title>Bad gateway</title></head><body>nginx</body></html>"

// pages are responses that come from no vendor: from a proxy, a wrong address.
func pages() []Fault {
	html := map[string]string{"Content-Type": "text/html", "Retry-After": "3"}
	megabyte := strings.Repeat("x", 1<<20)
	var all []Fault
	for _, s := range statusKinds {
		for _, b := range []struct{ name, body string }{
			{"a page", page},
			{"nothing", ""},
			{"JSON of another kind", `{"unexpected":[1,2]}`},
			{"cut JSON", `{"error":{"message":`},
			{"a megabyte", megabyte},
		} {
			all = append(all, Fault{
				Name: fmt.Sprintf("status %d with %s", s.status, b.name), Serve: reply(s.status, html, b.body),
				Want: Outcome{Kind: s.kind, RetryAfter: 3 * time.Second},
			})
		}
	}
	return append(all,
		Fault{Name: "a page with status 200", Serve: reply(http.StatusOK, html, page), Want: Outcome{Kind: fault.ProviderMalformed}},
		Fault{
			Name:  "a redirect",
			Serve: reply(http.StatusTemporaryRedirect, map[string]string{"Location": "http://127.0.0.1:1/"}, ""),
			Want:  Outcome{Kind: fault.ProviderRefused, Says: "redirect"},
		},
	)
}
