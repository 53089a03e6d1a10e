package vault

import (
	"errors"

	"github.com/aichat-term/aichat/server/fault"
)

// unread is the fault of a key that is to be used and does not open. No key of
// another payer's is taken in the place of an own one.
func (r *Ring) unread(k *Key, err error) error {
	switch k.Owner.Kind {
	case OfUser:
		return fault.Wrap(err, fault.NoKey, "Your own key for %s cannot be read, and no other is taken in its place. %s", k.Provider, r.remedy(k, err))
	case OfAccount:
		return fault.Wrap(err, fault.NoKey, "Your account's own key for %s cannot be read, and no other is taken in its place. %s", k.Provider, r.remedy(k, err))
	}
	return fault.Wrap(err, fault.NoKey, "The server's key for %s cannot be read. %s", k.Provider, r.remedy(k, err))
}

// remedy says why a key does not open, and what helps.
func (r *Ring) remedy(k *Key, err error) string {
	missing := errors.Is(err, ErrNoMaster)
	switch {
	case missing && r.options.Missing != nil:
		return r.options.Missing()
	case missing && k.Own():
		return "The master key that seals it is not there: try again in a minute. If that does not help, tell the server's operator, " +
			"or remove the key and add it again: aichat keys."
	case missing:
		return "The master key that seals it is not there: try again in a minute. If that does not help, the server's operator has to give it back."
	case k.Own():
		return "What is stored of it was changed: remove it and add it again: aichat keys."
	}
	return "What is stored of it was changed: the server's operator has to remove it and add it again."
}
