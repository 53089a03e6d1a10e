//go:build !unix

package store_test

import "errors"

func openReadOnly(string) error { return errors.New("only where files have Unix modes") }
