// Package credential keeps what signs a person in, and which servers they have
// signed in to.
//
// There is one small file, credentials.json, beside the configuration. It lists
// the servers, by profile, and which of them is the default. The tokens are in
// the system's keyring where there is one that works, and else in that file,
// which only its owner may read. Which of the two it is, is proven before anybody
// is sent to a browser, by writing, reading back and deleting a random value; and
// no call of a keyring is waited for longer than three seconds.
//
// A profile's tokens belong to the origin that gave them: a profile of that name
// and another address has none.
//
// It imports client, whose Keeper it implements, a keyring library and a file
// lock. It is not in client, so that programs which only hold a token link no
// keyring; and not in client/config, which knows settings but no secrets.
package credential
