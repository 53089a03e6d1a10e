package server_test

import (
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server"
	"github.com/aichat-term/aichat/server/servertest"
)

// TestOffersAreTold: the plans that are offered are told with how one would stand
// under each, and as their file says them now.
func TestOffersAreTold(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, database string) {
		file := plansFile(t, smallPlans+"[plan.secret]\noffered = false\n")
		w := newWorld(t, database, func(o *servertest.Options) {
			o.Plans, o.DefaultPlan, o.DefaultModel = file, "small", "demo/demo"
			o.Tune = func(c *server.Config) { c.PlansContact = "https://example.com/plans" }
		})
		w.begin(newAsking()).rest()
		offers := func() (o wire.Offers) {
			w.call(http.StatusOK, "GET", wire.PathPlans, nil, &o)
			return o
		}
		got := offers()
		if !got.Metered || got.Contact != "https://example.com/plans" || len(got.Plans) != 2 {
			t.Fatalf("offers %+v", got)
		}
		small, slow := got.Plans[0], got.Plans[1]
		if !small.Current || small.Command != "" || len(small.Standing) != 1 || small.Standing[0].Used != 1 || small.Standing[0].Most != 2 {
			t.Errorf("the own plan %+v", small)
		}
		if slow.Current || slow.Command != "aichat-server plans set tester slow" || len(slow.Standing) != 0 || slow.Rates.RequestsPerMinute != 1 {
			t.Errorf("the other plan %+v", slow)
		}
		if database != "" {
			return // the file is the same on either
		}
		if err := os.WriteFile(file, []byte(smallPlans+"[plan.new]\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		for deadline := time.Now().Add(time.Minute); len(offers().Plans) != 3; {
			if time.Now().After(deadline) {
				t.Fatalf("the changed file does not show: %+v", offers())
			}
			<-time.After(20 * time.Millisecond) // the file can only be looked at
		}
	})
}

func TestPlansContact(t *testing.T) {
	t.Parallel()
	for text, right := range map[string]bool{
		"": true, "ops@example.com": true, "https://example.com/plans?from=chat": true,
		"ops": false, "Ops <ops@example.com>": false, "http://example.com": false, "https://": false, "https://me:secret@example.com": false,
		"https://example.com/\x1b[2J": false, "javascript:alert(1)": false, "ops@example.com\nBcc: x@example.com": false,
	} {
		c := server.Config{Listen: "127.0.0.1:0", LogFormat: "text", Patience: 1, SignUp: "invite", PlansContact: text}
		if err := c.Check(); (err == nil) != right {
			t.Errorf("%q: %v", text, err)
		}
	}
}
