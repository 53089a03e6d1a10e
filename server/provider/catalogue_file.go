package provider

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"

	"github.com/aichat-term/aichat/server/fault"
)

// entry is one model of a catalogue file.
type entry struct {
	Provider      string `json:"provider"`
	Name          string `json:"name"`
	Title         string `json:"title"`
	Context       int64  `json:"context"`
	Output        int64  `json:"output"`
	Price         *Price `json:"price"`  // where there is but one
	Prices        Prices `json:"prices"` // see Prices
	Reasoning     bool   `json:"reasoning"`
	Images        bool   `json:"images"`
	Tools         bool   `json:"tools"`
	NoTemperature bool   `json:"no_temperature"`
	Small         bool   `json:"small"`
	Default       bool   `json:"default"`

	// Where the figures come from, for people who check them.
	Source string `json:"source"`
	Read   string `json:"read"`
	Note   string `json:"note"`
}

func (e entry) id() string { return e.Provider + "/" + e.Name }

func (e entry) model() Model {
	return Model{
		Provider: e.Provider, Name: e.Name, Title: e.Title,
		Context: e.Context, Output: e.Output, Prices: e.prices(),
		Reasoning: e.Reasoning, Images: e.Images, Tools: e.Tools, NoTemperature: e.NoTemperature,
		Small: e.Small, Listed: true,
	}
}

// prices are those of either field.
func (e entry) prices() Prices {
	if e.Price != nil {
		return Prices{*e.Price}
	}
	return e.Prices
}

// parseEntries reads a catalogue file entry by entry, so that an error can name
// the line where the entry begins.
func parseEntries(data []byte) ([]entry, error) {
	r := fileReader{data: data, dec: json.NewDecoder(bytes.NewReader(data))}
	r.dec.DisallowUnknownFields()
	if err := r.object(); err != nil {
		return nil, err
	}
	return r.entries, nil
}

type fileReader struct {
	data    []byte
	dec     *json.Decoder
	entries []entry
}

func (r *fileReader) object() error {
	if err := r.delim('{'); err != nil {
		return err
	}
	for r.dec.More() {
		key, err := r.dec.Token()
		if err != nil {
			return r.fail("", err)
		}
		if err := r.field(key); err != nil {
			return err
		}
	}
	if err := r.delim('}'); err != nil {
		return err
	}
	if _, err := r.dec.Token(); !errors.Is(err, io.EOF) {
		return r.fail("", errors.New("something follows the closing brace"))
	}
	return nil
}

func (r *fileReader) field(key json.Token) error {
	switch key {
	case "about": // for people
		var about []string
		if err := r.dec.Decode(&about); err != nil {
			return r.fail("about", err)
		}
		return nil
	case "models":
		return r.models()
	}
	return r.fail("", fmt.Errorf("unknown field %q: only about and models are known", key))
}

func (r *fileReader) models() error {
	if err := r.delim('['); err != nil {
		return err
	}
	for r.dec.More() {
		begin := r.next()
		var e entry
		if err := r.dec.Decode(&e); err != nil {
			return r.failAt(begin, entryName(e), err)
		}
		if err := r.check(e); err != nil {
			return r.failAt(begin, entryName(e), err)
		}
		r.entries = append(r.entries, e)
	}
	return r.delim(']')
}

// check validates an entry by itself and against those before it.
func (r *fileReader) check(e entry) error {
	if err := e.valid(); err != nil {
		return err
	}
	for _, other := range r.entries {
		if other.id() == e.id() {
			return errors.New("is listed twice")
		}
		if other.Provider != e.Provider {
			continue
		}
		if other.Default && e.Default {
			return fmt.Errorf("default is already %s", other.id())
		}
		if other.Small && e.Small {
			return fmt.Errorf("small is already %s", other.id())
		}
	}
	return nil
}

// longest is more tokens than any window of a catalogue has.
const longest = 1 << 40

func (e entry) valid() error {
	switch {
	case e.Provider == "" || strings.ContainsRune(e.Provider, '/') || !plain(e.Provider):
		return fmt.Errorf("provider %q must be a word without a slash", e.Provider)
	case e.Name == "" || !plain(e.Name):
		return fmt.Errorf("name %q must be a word", e.Name)
	case e.Context < 0 || e.Context > longest:
		return fmt.Errorf("context %d is out of range", e.Context)
	case e.Output < 0 || e.Output > longest:
		return fmt.Errorf("output %d is out of range", e.Output)
	case e.Context > 0 && e.Output > e.Context:
		return fmt.Errorf("output %d is larger than context %d", e.Output, e.Context)
	}
	if e.Read != "" {
		if _, err := time.Parse(time.DateOnly, e.Read); err != nil {
			return fmt.Errorf("read %q is not a date like 2026-01-31", e.Read)
		}
	}
	if e.Price != nil && e.Prices != nil {
		return errors.New("has both price and prices")
	}
	return e.prices().valid()
}

// plain reports a name without spaces and control characters.
func plain(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool {
		return r == unicode.ReplacementChar || unicode.IsSpace(r) || !unicode.IsPrint(r)
	})
}

func entryName(e entry) string {
	if e.Provider == "" && e.Name == "" {
		return "an entry"
	}
	return fmt.Sprintf("%.100q", e.id())
}

func (r *fileReader) delim(want json.Delim) error {
	token, err := r.dec.Token()
	if err != nil {
		return r.fail("", err)
	}
	if token != want {
		return r.fail("", fmt.Errorf("%v was expected, not %v", want, token))
	}
	return nil
}

// next is the offset where the coming value begins.
func (r *fileReader) next() int64 {
	at := r.dec.InputOffset()
	for at < int64(len(r.data)) && strings.IndexByte(" \t\r\n,:", r.data[at]) >= 0 {
		at++
	}
	return at
}

func (r *fileReader) fail(what string, err error) error {
	return r.failAt(r.dec.InputOffset(), what, err)
}

// failAt names the line of the mistake itself where the decoder knows it, else
// the line of offset.
func (r *fileReader) failAt(offset int64, what string, err error) error {
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		offset = syntax.Offset
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		offset, err = int64(len(r.data)), errors.New("the file ends too early")
	}
	offset = min(max(offset, 0), int64(len(r.data)))
	line := 1 + bytes.Count(r.data[:offset], []byte("\n"))
	if what != "" {
		what += ": "
	}
	return fault.New(fault.Invalid, "The catalogue of models, line %d: %s%s.", line, what, strings.TrimPrefix(err.Error(), "json: "))
}
