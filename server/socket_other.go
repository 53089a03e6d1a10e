//go:build !unix

package server

import "io/fs"

// checkOwned has nothing to look at: the folder inherits the access list of the
// user's profile.
func checkOwned(string, fs.FileInfo) error { return nil }
