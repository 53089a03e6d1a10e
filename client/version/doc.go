// Package version says which build this is and orders builds.
//
// Both programs carry it: the client to replace an older local server and to
// name itself, the server to refuse a client that is too old. It imports the
// standard library only, and stands under client because the SDK is the lower
// of the two halves that need it.
package version
