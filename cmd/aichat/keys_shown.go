package main

import (
	"strconv"
	"strings"
	"time"

	"github.com/aichat-term/aichat/client/wire"
)

// keyCells name a key to a person: its id, provider, last characters and label,
// those that there are.
func keyCells(k *wire.Key) []string {
	cells := []string{shortID(k.ID), oneLine(k.Provider)}
	if k.Hint != "" {
		cells = append(cells, "…"+oneLine(k.Hint))
	}
	if k.Label != "" {
		cells = append(cells, oneLine(k.Label))
	}
	return cells
}

func keyLines(all []wire.Key) string {
	var b strings.Builder
	for i := range all {
		k := &all[i]
		b.WriteString(strings.Join([]string{
			oneLine(k.ID), oneLine(k.Provider), oneLine(k.BaseURL), oneLine(k.Label), oneLine(k.Hint), strconv.Itoa(k.Weight),
			keyState(k), k.CreatedAt.UTC().Format(time.RFC3339), timeOrNothing(k.UsedAt),
		}, "\t") + "\n")
	}
	return b.String()
}

// keyState says whether a key is used, and if not why, for programs.
func keyState(k *wire.Key) string {
	switch {
	case !k.Readable && k.Disabled:
		return "disabled, unreadable"
	case !k.Readable:
		return "unreadable"
	case k.Disabled:
		return "disabled"
	case k.Trouble != nil:
		return oneLine(strings.ReplaceAll(string(k.Trouble.Code), "_", " "))
	}
	return "in use"
}

// keyStateInWords is the same for people.
func keyStateInWords(k *wire.Key) string {
	if k.Readable && !k.Disabled && k.Trouble != nil {
		return inWords(k.Trouble.Code)
	}
	return keyState(k)
}

func (p *program) keyTable(all []wire.Key) string {
	t := table{head: []string{"ID", "PROVIDER", "KEY", "LAST USED", "STATE", "LABEL"}, typed: []bool{true}, last: true}
	for i := range all {
		k := &all[i]
		used := "never"
		if k.UsedAt != nil {
			used = ago(*k.UsedAt, p.now())
		}
		hint := ""
		if k.Hint != "" {
			hint = "…" + oneLine(k.Hint)
		}
		t.rows = append(t.rows, []string{shortID(k.ID), oneLine(k.Provider), hint, used, keyStateInWords(k), oneLine(k.Label)})
	}
	return t.render(p.out.width(), p.style)
}
