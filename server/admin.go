package server

import (
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"path/filepath"
	"strings"
)

// NoSocket as an AdminSocket means that there is none.
const NoSocket = "none"

// adminFolder and adminSocket are what the operator's door is called.
const (
	adminFolder = "admin"
	adminSocket = "admin.sock"
)

// UsualAdminSocket is the path at which a server for a database is spoken to,
// the same for the server and for the commands that look for it: beside a SQLite
// file, else in the data folder, under what tells that Postgres from others. The
// socket's folder is its own, since nobody else may enter it.
func UsualAdminSocket(database, dataFolder string) (string, error) {
	if !strings.HasPrefix(database, "postgres://") && !strings.HasPrefix(database, "postgresql://") {
		path, err := filepath.Abs(database)
		return filepath.Join(path+"."+adminFolder, adminSocket), err
	}
	where := database
	if u, err := url.Parse(database); err == nil {
		where = u.Host + u.Path // neither who nor with which password
	}
	sum := sha256.Sum256([]byte(where))
	return filepath.Join(dataFolder, adminFolder+"-"+hex.EncodeToString(sum[:4]), adminSocket), nil
}
