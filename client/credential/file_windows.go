package credential

import "os"

// ownedAlone trusts the folder, which is the user's own.
func ownedAlone(string, os.FileInfo) error { return nil }

// syncFolder does nothing: a folder cannot be synced there.
func syncFolder(string) {}
