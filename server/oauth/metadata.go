package oauth

import (
	"encoding/json"
	"net/http"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server/identity"
)

// metadata is what a client can find out about the server (RFC 8414, section 2;
// RFC 8628, section 4). What is not served is not in it: there is no
// authorization endpoint, hence no response type and no PKCE to speak of.
type metadata struct {
	Issuer             string   `json:"issuer"`
	TokenEndpoint      string   `json:"token_endpoint"`
	TokenAuth          []string `json:"token_endpoint_auth_methods_supported"`
	DeviceEndpoint     string   `json:"device_authorization_endpoint"`
	RevocationEndpoint string   `json:"revocation_endpoint"`
	RevocationAuth     []string `json:"revocation_endpoint_auth_methods_supported"`
	GrantTypes         []string `json:"grant_types_supported"`
	ResponseTypes      []string `json:"response_types_supported"` // required, though there are none
	Scopes             []string `json:"scopes_supported"`
}

func (d *Door) describe() []byte {
	none := []string{"none"} // public clients only
	text, err := json.MarshalIndent(metadata{
		Issuer:             d.url,
		TokenEndpoint:      d.url + wire.PathOAuthToken,
		TokenAuth:          none,
		DeviceEndpoint:     d.url + wire.PathDeviceCode,
		RevocationEndpoint: d.url + wire.PathRevoke,
		RevocationAuth:     none,
		GrantTypes:         []string{wire.GrantDeviceCode, wire.GrantRefresh},
		ResponseTypes:      []string{},
		Scopes:             []string{identity.ScopeRead.String(), identity.ScopeChat.String(), identity.ScopeAccount.String()},
	}, "", "  ")
	if err != nil { // a struct of strings: cannot happen
		panic(err)
	}
	return append(text, '\n')
}

// serveMetadata answers with what never changes while the server runs.
func (d *Door) serveMetadata(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		d.fail(w, r, errReadOnly)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "public, max-age=300")
	h.Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(d.metadata) // the client may be gone: nobody is left to tell
}
