// Package github signs people in with GitHub, which speaks OAuth 2.0 but no
// OpenID Connect: the authorization code flow with PKCE, then the REST API for
// who it is. Somebody is their numeric id, which never changes hands as a login
// name does; their address is the primary one, if GitHub has verified it.
//
// It is an edge: it implements signin.Provider on x/oauth2, and imports signin,
// identity, vault and fault besides.
package github
