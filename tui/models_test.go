package tui_test

import (
	"testing"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/tui/tuitest"
)

func TestModelPickerRefusesWithoutKey(t *testing.T) {
	t.Parallel()
	f := tuitest.NewFake()
	f.Catalogue.Models = append(f.Catalogue.Models, wire.Model{ID: "openai/big", Provider: "openai"})
	d := drive(t, f)
	d.UntilShown("demo/demo")
	d.Key("ctrl+l")
	d.UntilShown("needs OPENAI_API_KEY")
	d.Type("big")
	d.Key("enter")
	d.Key("esc")
	d.UntilShown("There is no key for openai. Set OPENAI_API_KEY")
}

func TestModelPickerRefusesWhatThePlanHasNot(t *testing.T) {
	t.Parallel()
	f := tuitest.NewFake()
	f.Catalogue.Models = append(f.Catalogue.Models, wire.Model{ID: "openai/big", Provider: "openai", Barred: true, Plans: []string{"pro"}})
	d := drive(t, f)
	d.UntilShown("demo/demo")
	d.Key("ctrl+l")
	d.UntilShown("needs the plan pro")
	d.Type("big")
	d.Key("enter")
	d.Key("esc")
	d.UntilShown("Your plan does not have openai/big. The plan pro does")
}
