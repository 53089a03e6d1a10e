package upstream

import (
	"bytes"
	"encoding/json"
	"io"
)

// keepDecoder is the largest event after which a stream keeps its decoder,
// whose buffer has grown with it.
const keepDecoder = 16 << 10

// decoder decodes one JSON object after the other. It is json.Unmarshal made
// cheap for a stream of small events: the scanner and its buffer are kept, which
// halves the allocations.
//
// The zero decoder is ready for use.
type decoder struct {
	json *json.Decoder
	in   input
	fed  int64 // bytes given to json so far
}

// input is what the decoder reads from: the event in hand.
type input struct{ rest []byte }

// Read implements io.Reader.
func (i *input) Read(p []byte) (int, error) {
	if len(i.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(p, i.rest)
	i.rest = i.rest[n:]
	return n, nil
}

// decode decodes data, which must hold one JSON value, as json.Unmarshal does.
// The decoder is of no use after an error.
func (d *decoder) decode(data []byte, into any) error {
	data = bytes.TrimRight(data, " \t\r\n")
	if len(data) == 0 || data[0] != '{' || len(data) > keepDecoder {
		return json.Unmarshal(data, into)
	}
	if d.json == nil {
		d.json = json.NewDecoder(&d.in)
	}
	d.in.rest = data
	d.fed += int64(len(data))
	if err := d.json.Decode(into); err != nil {
		return err
	}
	if d.json.InputOffset() != d.fed { // something stands behind the value
		return json.Unmarshal(data, into) // which says so
	}
	return nil
}
