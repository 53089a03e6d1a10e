// Package migrations holds the schema as numbered goose steps: both/ is run on
// both databases, sqlite/ and postgres/ hold what one of them alone needs. A
// number is used once in all folders of a database, and every step sets
// meta.schema to its own number and meta.minimum to the oldest one that still
// may open the result.
//
// It imports the standard library only, and is a package of its own so that the
// files can be embedded where they lie.
package migrations

import (
	"embed"
	"io/fs"
	"slices"
	"strings"
)

// Version is the schema that this program knows: the number of the last step.
const Version = 11

// River is the number of the step that is no file: server/store runs the
// migrations that River brings along.
const River = 5

//go:embed both/*.sql sqlite/*.sql postgres/*.sql
var files embed.FS

// SQLite is the flat folder of steps for SQLite.
func SQLite() fs.FS { return folders{"both", "sqlite"} }

// Postgres is the flat folder of steps for Postgres.
func Postgres() fs.FS { return folders{"both", "postgres"} }

// folders shows several embedded folders as one.
type folders []string

// Open opens the named step in whichever folder has it; "." lists them all.
func (f folders) Open(name string) (fs.File, error) {
	for _, dir := range f {
		if file, err := files.Open(dir + "/" + name); err == nil {
			return file, nil
		}
	}
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

// ReadDir lists the steps of all folders in the order of their names.
func (f folders) ReadDir(name string) ([]fs.DirEntry, error) {
	if name != "." {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: fs.ErrNotExist}
	}
	var all []fs.DirEntry
	for _, dir := range f {
		entries, err := files.ReadDir(dir)
		if err != nil {
			return nil, err
		}
		all = append(all, entries...)
	}
	slices.SortFunc(all, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return all, nil
}
