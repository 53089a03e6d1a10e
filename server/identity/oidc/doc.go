// Package oidc signs people in with any OpenID Connect provider (OpenID Connect
// Core 1.0): discovery, the authorization code flow with PKCE and a nonce, and an
// ID token whose signature, issuer, audience, time and nonce are checked.
//
// It is an edge: it implements signin.Provider on go-oidc and x/oauth2, and
// imports signin, identity, vault and fault besides. Google is one of its
// issuers and needs no package of its own.
package oidc
