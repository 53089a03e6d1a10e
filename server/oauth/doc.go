// Package oauth is the door for programs that want to be signed in: the
// endpoints of an OAuth 2.0 authorization server without a page of its own.
//
//	POST /oauth/device/code                      RFC 8628, section 3.1
//	POST /oauth/token                            RFC 6749, section 3.2
//	POST /oauth/revoke                           RFC 7009
//	GET  /.well-known/oauth-authorization-server RFC 8414
//
// They take forms and answer with JSON. Clients are public: there are no secrets
// to show, and so no CORS either, for a page in a browser has nothing to ask
// here. What a person sees meanwhile is the door web's.
//
// oauth imports the verb signin, the nouns below it, client/wire, visitor and the
// standard library. It needs no framework for four routes. It is apart from
// httpapi because OAuth has its own forms, its own errors and no bearer tokens.
package oauth
