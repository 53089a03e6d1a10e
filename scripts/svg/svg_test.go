package main

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
)

func TestParseLine(t *testing.T) {
	t.Parallel()
	spans, after := parseLine("a\x1b[1;38;2;255;0;16mbc\x1b[0m世\x1b[48;5;232md", style{})
	want := []span{
		{column: 0, width: 1, text: "a"},
		{column: 1, width: 2, text: "bc", style: style{bold: true, ink: "#ff0010"}},
		{column: 3, width: 2, text: "世"},
		{column: 5, width: 1, text: "d", style: style{paper: "#080808"}},
	}
	if len(spans) != len(want) {
		t.Fatalf("%+v", spans)
	}
	for i := range want {
		if spans[i] != want[i] {
			t.Errorf("span %d = %+v, want %+v", i, spans[i], want[i])
		}
	}
	if after.paper != "#080808" {
		t.Errorf("the style at the end is %+v", after)
	}
}

func TestPictureIsXML(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	screen := "<b> & \x1b[7mx\x1b[27m \x1b]8;;https://example.com\x1b\\link\x1b]8;;\x1b\\\n\x1b[4m \x1b[m\n"
	if err := run(strings.NewReader(screen), &out, 20, `"quoted" & <marked>`); err != nil {
		t.Fatal(err)
	}
	for d := xml.NewDecoder(strings.NewReader(out.String())); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("%v in %s", err, out.String())
		}
	}
	if !strings.Contains(out.String(), "link</text>") {
		t.Errorf("the link's text is not there: %s", out.String())
	}
}
