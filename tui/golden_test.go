package tui_test

import (
	"flag"
	"fmt"
	"image/color"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/tui"
	"github.com/aichat-term/aichat/tui/terminal"
	"github.com/aichat-term/aichat/tui/theme"
	"github.com/aichat-term/aichat/tui/tuitest"
)

var update = flag.Bool("update", false, "write the golden views anew")

func width(s string) int { return terminal.Width(s) }

var harmless = regexp.MustCompile("\x1b\\[[0-9;:]*m|\x1b\\]8;[^;\x07]*;((https?|mailto):[!-~]*)?\x07")

// live is what of a view a terminal would obey beside colours and links, or what
// it would hide; empty: nothing.
func live(view string) string {
	rest := harmless.ReplaceAllString(view, "")
	if clean := terminal.Clean(rest); clean != rest {
		return rest
	}
	return ""
}

const sample = "Use a **map**, and see [the docs](https://go.dev/ref/spec):\n\n" +
	"```go\nfunc count(words []string) map[string]int {\n\tn := map[string]int{} // by word\n\tfor _, w := range words {\n\t\tn[w]++\n\t}\n\treturn n\n}\n```\n\n" +
	"| word | count |\n|------|------:|\n| a    | 2     |\n| 日本 | 1     |\n\n- fast\n- simple\n"

// scenes are the views that are kept.
var scenes = map[string]func(*tuitest.Fake, *tuitest.Driver){
	"empty": func(*tuitest.Fake, *tuitest.Driver) {},
	"conversation": func(_ *tuitest.Fake, d *tuitest.Driver) {
		open(d, "Counting")
		d.UntilShown("simple")
	},
	"streaming": func(f *tuitest.Fake, d *tuitest.Driver) {
		turn := begun(f)
		d.Type("How do I count words?")
		d.Key("enter")
		tn := turn(d)
		tn.Tell(wire.PartReasoning, 0, "The person wants a map. I should show one.")
		tn.Tell(wire.PartText, 1, sample[:200])
		d.UntilShown("range")
		titled(d)
	},
	"error": func(f *tuitest.Fake, d *tuitest.Driver) {
		turn := begun(f)
		d.Type("How do I count words?")
		d.Key("enter")
		tn := turn(d)
		tn.Say("With a")
		tn.End(wire.Message{State: wire.StateFailed, ErrorCode: wire.ProviderQuota, ErrorText: "openai says that the account has no credit left"})
		d.UntilShown("asks again")
		titled(d)
		d.UntilGone("● How")
	},
	"models":  func(_ *tuitest.Fake, d *tuitest.Driver) { d.Key("ctrl+l") },
	"palette": func(_ *tuitest.Fake, d *tuitest.Driver) { d.Key("ctrl+p"); d.Type("copy") },
	"usage": func(f *tuitest.Fake, d *tuitest.Driver) {
		spend(f)
		d.Key("f3")
		untilAllUsage(d)
	},
	"rating": func(_ *tuitest.Fake, d *tuitest.Driver) {
		open(d, "Counting")
		d.UntilShown("simple")
		d.Key("tab", "-")
		d.Type("it does not compile")
		d.UntilShown("rated badly")
	},
	"help": func(_ *tuitest.Fake, d *tuitest.Driver) { d.Key("f1") },
	"filter": func(_ *tuitest.Fake, d *tuitest.Driver) {
		d.Key("ctrl+s")
		d.Type("map")
		d.UntilShown("in messages")
	},
}

// titled waits until a new conversation is known by its title everywhere.
func titled(d *tuitest.Driver) {
	d.Until("the title", func() bool {
		s := d.Screen()
		n := strings.Count(s, "How do I count words?")
		return n >= 3 || n == 2 && !strings.Contains(s, "Chats")
	})
}

func open(d *tuitest.Driver, title string) {
	d.Key("ctrl+s")
	d.UntilShown(title)
	d.Type(title)
	d.Key("enter")
}

func library() *tuitest.Fake {
	f := tuitest.NewFake()
	f.Add("c1", "Counting words in Go", "How do I count words?", sample)
	f.Add("c2", "Supper for six", "What shall we cook?", "Soup.")
	f.Catalogue.Models = append(f.Catalogue.Models,
		wire.Model{ID: "anthropic/claude-x", Provider: "anthropic", Context: 200_000, Usable: true,
			Price: &wire.Price{Input: 3_000_000, Output: 15_000_000}},
		wire.Model{ID: "openai/gpt-x", Provider: "openai", Context: 400_000})
	f.Catalogue.Problems = []wire.ModelProblem{{Provider: "ollama", Detail: "Nobody answers at 127.0.0.1:11434."}}
	return f
}

func TestGolden(t *testing.T) {
	t.Parallel()
	for scene, play := range scenes {
		for _, size := range [][2]int{{80, 24}, {160, 50}, {40, 12}} {
			for _, light := range []bool{false, true} {
				name := fmt.Sprintf("%s-%dx%d-%s", scene, size[0], size[1], map[bool]string{true: "light", false: "dark"}[light])
				if size[0] == 40 && (light || scene != "conversation" && scene != "empty") {
					continue
				}
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					f := library()
					d := tuitest.Drive(t, tui.Options{Backend: f, Now: evening}, size[0], size[1])
					if light {
						d.Send(tea.BackgroundColorMsg{Color: color.White})
					}
					d.Until("the start", func() bool {
						s := d.Screen()
						return strings.Contains(s, "local") && strings.Contains(s, "demo/demo") && (size[0] < 100 || strings.Contains(s, "Supper"))
					})
					play(f, d)
					golden(t, name, d)
				})
			}
		}
	}
}

// TestGoldenMetered is how a plan that is nearly used up looks, with a prompt that
// is expensive.
func TestGoldenMetered(t *testing.T) {
	t.Parallel()
	for _, size := range [][2]int{{80, 24}, {160, 50}} {
		for _, light := range []bool{false, true} {
			name := fmt.Sprintf("expensive-%dx%d-%s", size[0], size[1], map[bool]string{true: "light", false: "dark"}[light])
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				f := library()
				f.Allowance = spent(1_500_000)
				d := tuitest.Drive(t, tui.Options{Backend: f, Now: evening, Model: "anthropic/claude-x", Theme: theme.Options{Light: light}}, size[0], size[1])
				d.UntilShown("$0.50 left this month")
				d.UntilShown("local")
				d.Until("the list", func() bool { return size[0] < 100 || strings.Contains(d.Screen(), "Supper") })
				f.SetAllowance(spent(1_900_000))
				d.UntilShown("begins")
				d.Paste(strings.Repeat("0123456789abcde\n", 12_000))
				d.UntilShown("before the answer")
				golden(t, name, d)
			})
		}
	}
}

func TestGoldenPlain(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]theme.Options{"ascii": {ASCII: true}, "accessible": {Accessible: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := library()
			d := tuitest.Drive(t, tui.Options{Backend: f, Theme: o, Chat: "c1"}, 80, 24)
			d.UntilShown("simple")
			d.UntilShown("local")
			golden(t, "conversation-80x24-"+name, d)
			if name == "ascii" && d.Styled() != terminal.ASCII(d.Styled()) {
				t.Error("not all is ASCII")
			}
			if name == "accessible" && strings.ContainsAny(d.Screen(), "│─╭▌●") {
				t.Errorf("boxes:\n%s", d.Screen())
			}
		})
	}
}

// golden compares the screen with the one that is kept, and where the cursor
// stands. Escapes are written as ␛.
func golden(t *testing.T, name string, d *tuitest.Driver) {
	t.Helper()
	cursor := "no cursor"
	if c := d.App.View().Cursor; c != nil {
		cursor = fmt.Sprintf("cursor at %d, %d", c.X, c.Y)
	}
	goldenText(t, name, d.Styled()+"\n"+cursor+"\n")
}

// goldenText compares what is drawn with what is kept.
func goldenText(t *testing.T, name, view string) {
	t.Helper()
	view = strings.ReplaceAll(strings.ReplaceAll(view, "\x1b", "␛"), "\x07", "␇")
	file := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.MkdirAll("testdata", 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(view), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != view {
		t.Errorf("%s is not what is kept (go test -update writes it anew):\n%s", name, view)
	}
}
