package httpapi

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"time"

	"github.com/aichat-term/aichat/server/fault"
)

// cursorVersion is the first byte of every cursor. A later form gets another
// one, and this one stays readable.
const cursorVersion = 1

// A cursor is a place in a list: a time and an id, sealed to the question it
// was an answer to.
//
// Its form is base64url(version, microseconds, seal, id). The seal is a digest
// of everything else and of scope, which names the account, the list and its
// filters. It is no secret, and need be none: every query runs within the
// caller's own account, so a forged cursor reads nothing that the caller may
// not read. It makes a garbled or misplaced cursor an error instead of a wrong
// page. No clock and no key is in it: it never grows old.
type cursor struct {
	at time.Time
	id string
}

const sealSize = 8

func (k cursor) encode(scope string) string {
	raw := make([]byte, 0, 1+8+sealSize+len(k.id))
	raw = append(raw, cursorVersion)
	raw = binary.BigEndian.AppendUint64(raw, uint64(k.at.UnixMicro()))
	raw = append(raw, k.seal(scope)...)
	raw = append(raw, k.id...)
	return base64.RawURLEncoding.EncodeToString(raw)
}

func (k cursor) seal(scope string) []byte {
	h := sha256.New()
	var head [9]byte
	head[0] = cursorVersion
	binary.BigEndian.PutUint64(head[1:], uint64(k.at.UnixMicro()))
	h.Write(head[:])
	h.Write([]byte(k.id))
	h.Write([]byte{0})
	h.Write([]byte(scope))
	return h.Sum(nil)[:sealSize]
}

// decodeCursor is encode's inverse; CursorInvalid for anything else.
func decodeCursor(text, scope string) (cursor, error) {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(raw) < 1+8+sealSize || raw[0] != cursorVersion {
		return cursor{}, &fault.Error{Kind: fault.CursorInvalid}
	}
	k := cursor{
		at: time.UnixMicro(int64(binary.BigEndian.Uint64(raw[1:9]))).UTC(),
		id: string(raw[9+sealSize:]),
	}
	if string(k.seal(scope)) != string(raw[9:9+sealSize]) {
		return cursor{}, &fault.Error{Kind: fault.CursorInvalid}
	}
	return k, nil
}
