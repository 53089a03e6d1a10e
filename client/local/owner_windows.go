package local

import (
	"fmt"
	"os"
)

// checkOwner checks that path is a folder. Whose it is, its place below the
// user's profile says.
func checkOwner(path string) error {
	info, err := os.Lstat(path)
	if err == nil && !info.IsDir() {
		err = fmt.Errorf("%s is no folder", path)
	}
	return err
}

// checkPrivate is checkOwner: who may enter is inherited from the profile.
func checkPrivate(path string) error { return checkOwner(path) }
