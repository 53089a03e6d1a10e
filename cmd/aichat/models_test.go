package main

import (
	"testing"

	"github.com/aichat-term/aichat/client/wire"
)

func TestRemarksOnModels(t *testing.T) {
	t.Parallel()
	short := wire.PriceStep{Input: 2_000_000, Output: 10_000_000}
	long := wire.PriceStep{Input: 4_000_000, Output: 15_000_000, Above: 272_000}
	later := wire.PriceStep{Input: 1_000_000, Output: 5_000_000, From: "2027-01-01"}
	laterLong := wire.PriceStep{Input: 3_000_000, Output: 6_000_000, Above: 272_000, From: "2027-01-01"}
	since := wire.PriceStep{Input: 9_000_000, Output: 9_000_000, From: "2026-01-01"}
	for _, tc := range []struct {
		want  string
		model wire.Model
	}{
		{"", wire.Model{Usable: true}},
		{"the default", wire.Model{Usable: true, Default: true}},
		{"needs OPENAI_API_KEY", wire.Model{Provider: "openai"}},
		{"needs the plan pro", wire.Model{Provider: "openai", Barred: true, Plans: []string{"pro"}}},
		{"needs a plan: pro, lab", wire.Model{Barred: true, Plans: []string{"pro", "lab"}}},
		{"in no plan", wire.Model{Barred: true}},
		{"the default; 4.00 / 15.00 above 272k; 1.00 / 5.00 from 2027-01-01",
			wire.Model{Usable: true, Default: true, Prices: []wire.PriceStep{short, long, later, laterLong}}},
		{"", wire.Model{Usable: true, Prices: []wire.PriceStep{since}}},
	} {
		if got := remark(tc.model, true); got != tc.want {
			t.Errorf("%+v: %q, want %q", tc.model, got, tc.want)
		}
	}
	if got := remark(wire.Model{Provider: "openai"}, false); got != "needs a key" {
		t.Errorf("of another machine: %q", got)
	}
}
