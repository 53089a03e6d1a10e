package usage

import (
	"cmp"
	"slices"
	"time"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/provider"
)

// Quality is how one model's answers have been. What calls for titles and the like
// did is not in it.
type Quality struct {
	Model   string // provider/name
	Calls   int64
	Retries int64 // of them, that were not the first attempt

	// Each call is one of Completed, Failed, Cancelled and Interrupted. Refused and
	// Truncated say more of some.
	Completed, Failed, Cancelled, Interrupted int64
	Refused                                   int64 // by the model or a filter
	Truncated                                 int64 // at a limit of length, or broken off

	Errors []ErrorCount // most often first

	FirstToken, Total Percentiles
	Measured          int64 // answers that the percentiles are of

	Up, Down int64
	MicroUSD int64
}

// ErrorCount is how often calls failed with one code.
type ErrorCount struct {
	Code  string
	Calls int64
}

// Percentiles are times that half and 95 of 100 did not exceed; zero: unknown.
type Percentiles struct{ P50, P95 time.Duration }

// Qualities puts together how models have answered, the most used first.
func Qualities(endings []Ending, took []Took, rated []Rated) []Quality {
	of := map[string]*Quality{}
	at := func(model string) *Quality {
		q := of[model]
		if q == nil {
			q = &Quality{Model: model}
			of[model] = q
		}
		return q
	}
	for i := range endings {
		if e := &endings[i]; e.Kind == Answer {
			at(e.Model).add(e)
		}
	}
	for _, r := range rated {
		q := at(r.Model)
		q.Up, q.Down = q.Up+r.Up, q.Down+r.Down
	}
	measure(took, at)
	all := make([]Quality, 0, len(of))
	for _, q := range of {
		slices.SortFunc(q.Errors, func(a, b ErrorCount) int {
			return cmp.Or(cmp.Compare(b.Calls, a.Calls), cmp.Compare(a.Code, b.Code))
		})
		all = append(all, *q)
	}
	slices.SortFunc(all, func(a, b Quality) int {
		return cmp.Or(cmp.Compare(b.Calls, a.Calls), cmp.Compare(a.Model, b.Model))
	})
	return all
}

func (q *Quality) add(e *Ending) {
	q.Calls += e.Calls
	q.Retries += e.Retries
	q.MicroUSD += e.MicroUSD
	switch e.Outcome {
	case Completed:
		q.Completed += e.Calls
	case Failed:
		q.Failed += e.Calls
		q.failed(e.ErrorCode, e.Calls)
	case Cancelled:
		q.Cancelled += e.Calls
	case Interrupted:
		q.Interrupted += e.Calls
	}
	if refused(e) {
		q.Refused += e.Calls
	}
	if truncated(e) {
		q.Truncated += e.Calls
	}
}

func (q *Quality) failed(code string, calls int64) {
	at := slices.IndexFunc(q.Errors, func(c ErrorCount) bool { return c.Code == code })
	if at < 0 {
		q.Errors = append(q.Errors, ErrorCount{code, calls})
		return
	}
	q.Errors[at].Calls += calls
}

func refused(e *Ending) bool {
	return e.Outcome == Completed && (e.Finish == provider.Refusal || e.Finish == provider.Filter) ||
		e.Outcome == Failed && e.ErrorCode == fault.ProviderRefused.String()
}

func truncated(e *Ending) bool {
	return e.Outcome == Completed && e.Finish == provider.Length ||
		e.Outcome == Failed && e.ErrorCode == fault.ProviderTruncated.String()
}

// measure takes the percentiles of each model's answers.
func measure(took []Took, at func(string) *Quality) {
	first, total := map[string][]time.Duration{}, map[string][]time.Duration{}
	for _, t := range took {
		at(t.Model).Measured++
		if t.FirstToken > 0 {
			first[t.Model] = append(first[t.Model], t.FirstToken)
		}
		if t.Completed {
			total[t.Model] = append(total[t.Model], t.Total)
		}
	}
	for model, all := range first {
		at(model).FirstToken = percentiles(all)
	}
	for model, all := range total {
		at(model).Total = percentiles(all)
	}
}

// percentiles are the smallest of the times that so many do not exceed (nearest
// rank).
func percentiles(all []time.Duration) Percentiles {
	slices.Sort(all)
	at := func(p int) time.Duration { return all[(len(all)*p+99)/100-1] }
	return Percentiles{at(50), at(95)}
}
