package workspace_test

import (
	"testing"

	"github.com/aichat-term/aichat/client"
	"github.com/aichat-term/aichat/client/workspace"
	"github.com/aichat-term/aichat/server/servertest"
	"github.com/aichat-term/aichat/tui"
	"github.com/aichat-term/aichat/tui/tuitest"
)

func TestConforms(t *testing.T) {
	t.Parallel()
	tuitest.Conform(t, func(t *testing.T) tui.Backend {
		s := servertest.Start(t, servertest.Options{})
		c, err := client.New(client.Options{BaseURL: s.URL, Token: s.Token})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(c.Close)
		return workspace.New(c)
	})
}
