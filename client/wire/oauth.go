package wire

// Paths of sign-in. They are outside the native API: OAuth's endpoints take forms
// and answer with OAuth's own errors (RFC 6749, section 5.2).
const (
	PathDeviceCode = "/oauth/device/code"                      // RFC 8628, section 3.1
	PathOAuthToken = "/oauth/token"                            // RFC 6749, section 3.2
	PathRevoke     = "/oauth/revoke"                           // RFC 7009
	PathMetadata   = "/.well-known/oauth-authorization-server" // RFC 8414
	PathDevicePage = "/device"                                 // where a person enters the user code
)

// ClientID is the OAuth client id of our own client.
const ClientID = "aichat-cli"

// Grant types of the token endpoint.
const (
	GrantDeviceCode = "urn:ietf:params:oauth:grant-type:device_code"
	GrantRefresh    = "refresh_token"
)

// OAuth's error codes.
const (
	OAuthInvalidRequest       = "invalid_request"
	OAuthInvalidClient        = "invalid_client"
	OAuthInvalidGrant         = "invalid_grant"
	OAuthUnsupportedGrantType = "unsupported_grant_type"
	OAuthInvalidScope         = "invalid_scope"
	OAuthAuthorizationPending = "authorization_pending"
	OAuthSlowDown             = "slow_down"
	OAuthAccessDenied         = "access_denied"
	OAuthExpiredToken         = "expired_token"
	OAuthServerError          = "server_error"
	OAuthUnavailable          = "temporarily_unavailable"
	OAuthUnsupportedTokenType = "unsupported_token_type" // RFC 7009, section 2.2.1
)

// Form fields of the device request that are ours: what the page shows to the
// person who is asked. They are the program's own words.
const (
	FieldDeviceName    = "device_name"
	FieldClientVersion = "client_version"
)

// DeviceCode answers a device request (RFC 8628, section 3.2).
type DeviceCode struct {
	DeviceCode              string `json:"device_code"`
	UserCode                string `json:"user_code"` // "BCDF-GHJK"
	VerificationURI         string `json:"verification_uri"`
	VerificationURIComplete string `json:"verification_uri_complete"`
	ExpiresIn               int64  `json:"expires_in"` // seconds
	Interval                int64  `json:"interval"`   // seconds
}

// TokenGrant is a session's pair of tokens (RFC 6749, section 5.1).
type TokenGrant struct {
	AccessToken  string `json:"access_token"`
	TokenType    string `json:"token_type"` // "Bearer"
	ExpiresIn    int64  `json:"expires_in"` // seconds
	RefreshToken string `json:"refresh_token"`
	Scope        string `json:"scope"`
	Session      string `json:"session_id"` // ours: which session it is
}

// OAuthProblem is an error of OAuth's endpoints.
type OAuthProblem struct {
	Error       string `json:"error"`
	Description string `json:"error_description,omitempty"`
	Interval    int64  `json:"interval,omitempty"` // seconds; with slow_down: what it is now
}
