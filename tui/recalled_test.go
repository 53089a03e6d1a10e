package tui_test

import (
	"testing"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/tui"
	"github.com/aichat-term/aichat/tui/tuitest"
)

// A model that was only remembered gives way to the server's choice where its
// provider has no key any more; one that somebody named stays.
func TestARememberedModelWithoutAKey(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, model string
		recalled    bool
		want        string
	}{
		{"remembered", "gone/model", true, "here/first"},
		{"named", "gone/model", false, "gone/model"},
		{"remembered and unlisted", "here/unlisted", true, "here/unlisted"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			f := tuitest.NewFake()
			f.Catalogue = wire.ModelList{Models: []wire.Model{
				{ID: "here/first", Provider: "here", Usable: true, Default: true}, {ID: "gone/model", Provider: "gone"}}}
			d := tuitest.Drive(t, tui.Options{Backend: f, Model: tc.model, Recalled: tc.recalled}, 120, 30)
			if tc.want != tc.model {
				d.UntilShown("no key for " + tc.model)
			}
			turn := begun(f)
			d.Type("hello")
			d.Key("enter")
			turn(d).End(wire.Message{})
			d.UntilGone("esc stops")
			d.UntilShown(tc.want) // the conversation's from now on
		})
	}
}

// However small the window is, what it says fits into it.
func TestTooSmallAWindow(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		width, height int
		last          string
	}{{30, 8, "characters."}, {39, 2, "characters."}, {12, 3, "needed."}, {12, 1, "40x10"}, {5, 1, "40x10"}} {
		d := tuitest.Drive(t, tui.Options{Backend: tuitest.NewFake()}, tc.width, tc.height)
		d.UntilShown(tc.last)
	}
}
