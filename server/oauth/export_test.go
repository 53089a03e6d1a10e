package oauth

import (
	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server/fault"
)

// ParseForm reads a form.
func ParseForm(body string) (map[string]string, error) {
	f, err := parseForm(body)
	return f, err
}

// FaultCode is what a fault looks like from outside.
func FaultCode(f *fault.Error) (status int, code string) { return faultCode(f) }

// FormLimit is the largest body.
const FormLimit = formLimit

// Refusals are all constant ones.
func Refusals() map[int][]wire.OAuthProblem {
	all := map[int][]wire.OAuthProblem{}
	for _, r := range []*refusal{errNoEndpoint, errMethod, errReadOnly, errSecret, errLarge, errQuery, errContentType, errBody, errEncoding, errTwice,
		errGrantType, errRefused, errWaiting, errTurnedDown, errTimedOut, errSlowDown(1)} {
		all[r.status] = append(all[r.status], r.problem)
	}
	return all
}
