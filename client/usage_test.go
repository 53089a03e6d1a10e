package client_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aichat-term/aichat/client"
	"github.com/aichat-term/aichat/client/wire"
)

// recorder answers every request with the same JSON, or with one of several by
// the cursor, and notes what was asked.
func recorder(t *testing.T, answers map[string]string) (c *client.Client, asked *[]string) {
	t.Helper()
	asked = new([]string)
	return newClient(t, "http://localhost", client.Options{Transport: inMemory(func(r *http.Request) (*http.Response, error) {
		line := r.Method + " " + r.URL.RequestURI()
		if r.Body != nil {
			b, err := io.ReadAll(r.Body)
			if err != nil {
				return nil, err
			}
			line += " " + string(b)
		}
		*asked = append(*asked, line)
		return respond(r, 200, "application/json", io.NopCloser(strings.NewReader(answers[r.FormValue("cursor")]))), nil
	})}), asked
}

func TestUsageIsAskedForInWords(t *testing.T) {
	t.Parallel()
	c, asked := recorder(t, map[string]string{"": `{}`})
	q := client.UsageQuery{From: "2026-11-01", To: "2026-11-30", TimeZone: "Asia/Kathmandu", By: wire.ByModel, Member: "m", Limit: 3}
	var errs []error
	note := func(err error) { errs = append(errs, err) }
	_, err := c.Usage(t.Context(), q)
	note(err)
	_, err = c.Usage(t.Context(), client.UsageQuery{})
	note(err)
	_, err = c.UsageModels(t.Context(), q)
	note(err)
	_, err = c.UsageAdvice(t.Context(), client.UsageQuery{Member: "m"})
	note(err)
	_, err = c.Rate(t.Context(), "id", wire.NewRating{Value: wire.RatingDown, Reason: "wrong"})
	note(err)
	note(c.Unrate(t.Context(), "id"))
	for _, err := range errs {
		if err != nil {
			t.Error(err)
		}
	}
	want := []string{
		"GET /api/v1/usage?by=model&from=2026-11-01&limit=3&member=m&time_zone=Asia%2FKathmandu&to=2026-11-30",
		"GET /api/v1/usage",
		"GET /api/v1/usage/models?from=2026-11-01&member=m&time_zone=Asia%2FKathmandu&to=2026-11-30",
		"GET /api/v1/usage/advice?member=m",
		`PUT /api/v1/messages/id/rating {"value":"down","reason":"wrong"}`,
		"DELETE /api/v1/messages/id/rating",
	}
	if got := strings.Join(*asked, "\n"); got != strings.Join(want, "\n") {
		t.Errorf("asked\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
}

func TestTheWholeLedger(t *testing.T) {
	t.Parallel()
	c, asked := recorder(t, map[string]string{
		"":  `{"rows":[{"id":"a"},{"id":"b"}],"next":"2"}`,
		"2": `{"rows":[{"id":"c"}]}`,
	})
	var ids string
	for row, err := range c.AllLedger(t.Context(), client.LedgerQuery{Model: "demo/echo", Conversation: "x"}) {
		if err != nil {
			t.Fatal(err)
		}
		ids += row.ID
	}
	if ids != "abc" || len(*asked) != 2 {
		t.Errorf("%q of %q", ids, *asked)
	}
}
