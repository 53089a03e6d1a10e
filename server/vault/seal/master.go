package seal

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/aead/xchacha20poly1305"
	"github.com/tink-crypto/tink-go/v2/insecuresecretdataaccess"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/secretdata"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// masterPrefix begins a master key's text, so that one which leaks is recognised.
const masterPrefix = "aichat_mk_"

// A master key's text is its bytes and a checksum of them, so that one which was
// cut or mistyped is told from one which is wrong.
const (
	masterBytes   = 32
	checksumBytes = 4
)

var masterText = base32.StdEncoding.WithPadding(base32.NoPadding)

// NewMaster makes a new master key, as text without a line's end.
func NewMaster() string {
	var key [masterBytes]byte
	_, _ = rand.Read(key[:]) // crypto/rand.Read never fails
	return masterPrefix + strings.ToLower(masterText.EncodeToString(append(key[:], checksum(key[:])...)))
}

// digest is a hash of a key that tells nothing of it, different for each purpose.
func digest(purpose string, key []byte) []byte {
	sum := sha256.Sum256(append([]byte("aichat master key "+purpose+"\x00"), key...))
	return sum[:]
}

func checksum(key []byte) []byte { return digest("checksum", key)[:checksumBytes] }

// masterID names a master key by what it is: nobody has to keep a number with it.
func masterID(key []byte) uint32 { return max(1, binary.BigEndian.Uint32(digest("id", key))) }

func idText(id uint32) string { return fmt.Sprintf("%08x", id) }

// MasterID is the id of a master key's text, by which it is spoken of.
func MasterID(text string) (string, error) {
	key, err := parseMaster(text)
	if err != nil {
		return "", err
	}
	return idText(masterID(key)), nil
}

// parseMaster reads one master key. Its error does not repeat the text.
func parseMaster(text string) ([]byte, error) {
	rest, ok := strings.CutPrefix(text, masterPrefix)
	if !ok {
		return nil, fmt.Errorf("it does not begin with %s: make one with aichat-server keys master", masterPrefix)
	}
	raw, err := masterText.DecodeString(strings.ToUpper(rest))
	if err != nil || len(raw) != masterBytes+checksumBytes {
		return nil, errors.New("it is not whole, or has more than belongs to it")
	}
	key, sum := raw[:masterBytes], raw[masterBytes:]
	if !bytes.Equal(sum, checksum(key)) {
		return nil, errors.New("a character of it is wrong")
	}
	return key, nil
}

// masters are the master keys of one reading.
type masters struct {
	ids  []string // the newest last
	aead tink.AEAD
}

// parseMasters reads master keys, one a line; lines that are empty or begin with #
// are passed by. A variable may have commas for lines. There may be none.
func parseMasters(text string) (*masters, error) {
	set := keyset.NewManager()
	m := &masters{}
	var newest uint32
	for i, line := range masterLines(text) {
		key, err := parseMaster(line)
		if err != nil {
			return nil, fmt.Errorf("master key %d cannot be used: %w", i+1, err)
		}
		newest = masterID(key)
		known := slices.Contains(m.ids, idText(newest))
		m.ids = append(slices.DeleteFunc(m.ids, func(id string) bool { return id == idText(newest) }), idText(newest))
		if !known {
			err = add(set, key, newest)
		}
		if clear(key); err != nil {
			return nil, err
		}
	}
	if len(m.ids) == 0 {
		return m, nil
	}
	return m, m.ready(set, newest)
}

// masterLines are the words of a text that are to be master keys.
func masterLines(text string) (all []string) {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); strings.HasPrefix(line, "#") {
			continue
		}
		all = append(all, strings.FieldsFunc(line, func(r rune) bool { return r == ',' || unicode.IsSpace(r) })...)
	}
	return all
}

// add puts a master key into Tink's set. Tink marks what it is handed in clear.
func add(set *keyset.Manager, key []byte, id uint32) error {
	params, err := xchacha20poly1305.NewParameters(xchacha20poly1305.VariantTink)
	if err != nil {
		return err
	}
	k, err := xchacha20poly1305.NewKey(secretdata.NewBytesFromData(key, insecuresecretdataaccess.Token{}), id, params)
	if err != nil {
		return err
	}
	_, err = set.AddKey(k)
	return err
}

// ready makes the set usable, with the newest sealing.
func (m *masters) ready(set *keyset.Manager, newest uint32) error {
	if err := set.SetPrimary(newest); err != nil {
		return err
	}
	handle, err := set.Handle()
	if err != nil {
		return err
	}
	m.aead, err = aead.New(handle)
	return err
}

// has reports whether a master key is among them.
func (m *masters) has(id string) bool { return slices.Contains(m.ids, id) }
