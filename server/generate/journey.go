package generate

import (
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/provider"
)

// journey is how far a call has come among its routes.
type journey struct {
	call    *Call
	route   *provider.Route   // that is called, or is to be
	request *provider.Request // for its model; until the first token
	ahead   []provider.Route  // not tried yet
	tries   int               // of this model

	// limited is the last of this model's keys that was only too fast, and limit
	// what it said: where no other key is left it is the one to wait for.
	limited *provider.Route
	limit   *fault.Error

	// first is why the model that was asked did not answer, once another is.
	first *fault.Error
}

//go:noinline
func newJourney(call *Call) *journey {
	return &journey{call: call, route: &call.Route, request: call.Request, ahead: call.Route.Others, tries: 1}
}

// release lets go of the request, and of the ways that are not gone any more.
func (j *journey) release() {
	j.call.release()
	j.call.Route.Others, j.request, j.ahead = nil, nil, nil
}

// nextKey goes on to the next key of the same model; false where there is none.
func (j *journey) nextKey(why *fault.Error) bool {
	if why.Kind == fault.ProviderRateLimited {
		j.limited, j.limit = j.route, why
	}
	if len(j.ahead) == 0 || j.ahead[0].Model.ID() != j.route.Model.ID() {
		return false
	}
	j.route, j.ahead = &j.ahead[0], j.ahead[1:]
	return true
}

// patient is the trouble to act upon: where the last key will not serve but one
// before was only too fast, that one is gone back to, and it is its.
func (j *journey) patient(why *fault.Error) *fault.Error {
	if passing(why.Kind) || j.limited == nil {
		return why
	}
	j.route = j.limited
	return j.limit
}

// nextModel goes on to the next model that can be asked this, of which the first
// key is taken; false where there is none.
func (j *journey) nextModel(why *fault.Error) bool {
	given, prompt := j.route.Model.ID(), j.call.promptTokens()
	for len(j.ahead) > 0 {
		next := &j.ahead[0]
		j.ahead = j.ahead[1:]
		if next.Model.ID() == given {
			continue
		}
		request, fits := j.call.Request.For(next.Model, prompt)
		if !fits {
			given = next.Model.ID()
			continue
		}
		j.route, j.request, j.tries, j.limited = next, request, 1, nil
		if j.first == nil {
			j.first = why
		}
		return true
	}
	return false
}

// explain is why the call ended, after its last attempt. Where no model answered,
// the one that was asked comes first: nobody has asked for the others.
//
//go:noinline
func (j *journey) explain(last *attempt) error {
	if last.err == nil || last.told || j.first == nil {
		return last.err
	}
	f := fault.Of(last.err)
	if f.Kind == fault.Canceled || f.Kind == fault.Interrupted {
		return last.err
	}
	all := *j.first
	all.Message = j.first.Public() + " " + last.route.Model.ID() + " was asked in its place, and did not answer either: " + f.Public()
	all.Cause = last.err
	return &all
}
