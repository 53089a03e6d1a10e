package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// output is what a command printed.
type output struct{ text bytes.Buffer }

// read reads r to its end, and calls first at its first byte.
func (o *output) read(r io.Reader, first func()) error {
	var b [1]byte
	if _, err := io.ReadFull(r, b[:]); err != nil {
		if errors.Is(err, io.EOF) {
			return nil
		}
		return err
	}
	first()
	o.text.Write(b[:])
	_, err := o.text.ReadFrom(r)
	return err
}

// check looks for every delta's record; none is looked for where there are no
// deltas.
func (o *output) check(deltas int) error {
	for i := range deltas {
		number := fmt.Appendf(nil, " %06d ", i)
		if !bytes.Contains(o.text.Bytes(), number) {
			return fmt.Errorf("delta %d of %d is not in what it printed: %q", i, deltas, o.text.Bytes())
		}
	}
	if o.text.Len() == 0 {
		return errors.New("it printed nothing")
	}
	return nil
}
