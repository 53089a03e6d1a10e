// Package signin is how somebody comes to be signed in.
//
// It has two halves. Grants is an OAuth 2.0 authorization server for programs
// without a browser of their own: the device flow (RFC 8628), refresh tokens
// that rotate (RFC 6749 section 6, RFC 9700 section 4.14) and revocation (RFC
// 7009). Pages is what a browser does meanwhile: signing in with an identity
// provider, a code by e-mail or the operator's link, and saying yes or no to the
// program that asks.
//
// signin imports identity, mail and fault. It knows neither HTTP nor SQL nor any
// provider: the doors oauth and web speak for it, store keeps its Store, and
// identity/oidc and identity/github implement its Provider. It is not in
// identity, because what is here is over when somebody is signed in.
package signin
