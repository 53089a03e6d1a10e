package providertest

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/provider"
)

// Fault is one way in which a vendor, or what stands between, misbehaves.
type Fault struct {
	Name string

	// Serve is the vendor: it answers any request with the fault.
	Serve http.HandlerFunc

	Want Outcome
}

// Outcome is what a fault must come to.
type Outcome struct {
	// Kind is the fault that ends the answer. The zero kind, Internal, which no
	// adapter returns, means none: the answer is complete.
	Kind fault.Kind

	// Text is what has arrived, whole or in part.
	Text string

	// Finish is a complete answer's.
	Finish provider.FinishReason

	// RetryAfter is the wait that a refusal names.
	RetryAfter time.Duration

	// Says is a piece of the sentence that the user is to see.
	Says string

	// BadUsage means that the usage is nonsense, which Usage.Credible must notice.
	BadUsage bool
}

// The pieces of the answer that the faults happen to.
const (
	first  = "Hello"
	second = ", wide"
	third  = " 日本"
	fourth = " world."
	whole  = first + second + third + fourth
)

var sane = provider.Usage{Input: 11, Output: 7}

func script() Script {
	return Script{Text: []string{first, second, third, fourth}, Finish: provider.Stop, Usage: &sane}
}

// Faults lists every fault that the vendor's answers can have.
func Faults(v Vendor) []Fault {
	return slices.Concat(
		harmless(v), oddTexts(v), oddUsage(v), truncations(v), streamErrors(v), refusals(v), pages(),
	)
}

func complete(name string, serve http.HandlerFunc) Fault {
	return Fault{Name: name, Serve: serve, Want: Outcome{Text: whole, Finish: provider.Stop}}
}

// harmless are the liberties that the event-stream format allows, and those
// that vendors take with it: the answer is complete all the same.
func harmless(v Vendor) []Fault {
	frames := v.Stream(script())
	plain := format{}.write(frames)
	return []Fault{
		complete("nothing wrong", send(plain)),
		complete("single bytes", sendBytes(plain)),
		complete("CRLF", send(format{newline: "\r\n"}.write(frames))),
		complete("CRLF in single bytes", sendBytes(format{newline: "\r\n"}.write(frames))),
		complete("CR", send(format{newline: "\r"}.write(frames))),
		complete("no space after the colon", send(format{tight: true}.write(frames))),
		complete("byte order mark", send(format{bom: true}.write(frames))),
		complete("comments between", send(format{comment: " processing"}.write(frames))),
		complete("data in several lines", send(format{lines: true}.write(frames))),
		complete("noise between", send(format{}.write(between(frames, v.Noise)))),
		complete("unknown fields", send(format{}.write(edit(frames, "{", `{"zz_unknown":{"a":[1,null]},`, 1)))),
		complete("a line of 8 MiB", send(format{}.write(pad(frames, 8<<20)))),
		complete("no final newline", send(trimEnd(plain))),
		complete("no blank line at the end", send(append(trimEnd(plain), '\n'))),
		complete("empty deltas", send(format{}.write(v.Stream(Script{
			Text: []string{"", first, "", second, third, "", fourth, ""}, Finish: provider.Stop, Usage: &sane,
		})))),
	}
}

// oddTexts are texts that must not come out as they came in.
func oddTexts(v Vendor) []Fault {
	odd := func(name, becomes string) Fault {
		frames := edit(v.Stream(script()), "日", becomes, -1)
		f := complete(name, send(format{}.write(frames)))
		f.Want.Text = strings.ReplaceAll(whole, "日", "\ufffd")
		return f
	}
	return []Fault{
		odd("an invalid byte", "\xff"),
		odd("a character cut short", "\xe6"),
		odd("NUL", `\u0000`),
		odd("half a surrogate pair", `\ud83d`),
	}
}

// oddUsage are the usages that no honest vendor reports.
func oddUsage(v Vendor) []Fault {
	with := func(name string, u *provider.Usage) Fault {
		s := script()
		s.Usage = u
		f := complete(name, send(format{}.write(v.Stream(s))))
		f.Want.BadUsage = u != nil
		return f
	}
	const input = 7777777
	s := script()
	s.Usage = &provider.Usage{Input: input, Output: 7}
	huge := complete("usage of more than 64 bits", send(format{}.write(
		edit(v.Stream(s), strconv.Itoa(input), strings.Repeat("9", 40), -1))))
	huge.Want.BadUsage = true
	return []Fault{
		with("no usage", nil),
		with("negative usage", &provider.Usage{Input: -5, Output: -7}),
		with("absurd usage", &provider.Usage{Input: 1 << 62, Output: 1 << 62}),
		huge,
	}
}

// truncations are answers that break off before their end marker, or break.
func truncations(v Vendor) []Fault {
	frames := v.Stream(script())
	at := firstText(frames)
	plain := string(format{}.write(frames))
	upTo := func(mark string) []byte { return []byte(plain[:strings.Index(plain, mark)]) }
	cut := func(name, text string, serve http.HandlerFunc) Fault {
		return Fault{Name: name, Serve: serve, Want: Outcome{Kind: fault.ProviderTruncated, Text: text}}
	}
	started := format{}.write(frames[:at+1])
	broken := Frame{Name: frames[at].Name, Data: frames[at].Data[:len(frames[at].Data)-1]}
	malformed := func(name string, f Frame) Fault {
		return Fault{
			Name: name, Serve: send(format{}.write(slices.Insert(slices.Clone(frames), at+1, f))),
			Want: Outcome{Kind: fault.ProviderMalformed, Text: first},
		}
	}
	return []Fault{
		cut("truncated before anything", "", send(nil)),
		cut("truncated before the text", "", send(format{}.write(frames[:at]))),
		cut("truncated after some text", first, send(started)),
		cut("truncated in the JSON", first, send(upTo(second))),
		cut("truncated in a character", first+second, send(append(upTo("日"), "日"[0]))),
		cut("truncated without a blank line", first, send(trimEnd(started))),
		cut("no end marker", whole, send(format{}.write(frames[:len(frames)-1]))),
		cut("connection broken off", first, sendAndBreak(started)),
		malformed("truncated JSON in an event", broken),
		malformed("no JSON in an event", Frame{Name: frames[at].Name, Data: "upstream connect error"}),
		malformed("wrong JSON in an event", Frame{Name: frames[at].Name, Data: `["a"`}),
		{
			Name: "an event over the limit", Serve: send(format{}.write(
				slices.Insert(slices.Clone(frames), at+1, pad(frames[at:at+1], 12<<20)...))),
			Want: Outcome{Kind: fault.ProviderMalformed, Text: first},
		},
	}
}

// streamErrors are the vendor's own errors, under the status 200.
func streamErrors(v Vendor) []Fault {
	frames := v.Stream(script())
	at := firstText(frames)
	var all []Fault
	for _, e := range v.StreamErrors {
		mid := slices.Concat(frames[:at+1], e.Frames)
		all = append(all,
			Fault{Name: "first of all: " + e.Name, Serve: send(format{}.write(e.Frames)), Want: Outcome{Kind: e.Want}},
			Fault{Name: "in mid-stream: " + e.Name, Serve: send(format{}.write(mid)), Want: Outcome{Kind: e.Want, Text: first}},
		)
	}
	return all
}

// firstText is the index of the first frame with text.
func firstText(frames []Frame) int {
	return slices.IndexFunc(frames, func(f Frame) bool { return strings.Contains(f.Data, first) })
}

// edit replaces in every frame's data, up to n times each.
func edit(frames []Frame, old, with string, n int) []Frame {
	out := slices.Clone(frames)
	for i := range out {
		out[i].Data = strings.Replace(out[i].Data, old, with, n)
	}
	return out
}

// between puts the noise before each frame.
func between(frames, noise []Frame) []Frame {
	var out []Frame
	for _, f := range frames {
		out = append(append(out, noise...), f)
	}
	return out
}

// pad makes the first frame with JSON n bytes longer, with white space.
func pad(frames []Frame, n int) []Frame {
	out := slices.Clone(frames)
	i := slices.IndexFunc(out, func(f Frame) bool { return strings.HasPrefix(f.Data, "{") })
	out[i].Data = "{" + strings.Repeat(" ", n) + out[i].Data[1:]
	return out
}

// trimEnd returns a copy without the final newlines.
func trimEnd(stream []byte) []byte {
	return []byte(strings.TrimRight(string(stream), "\n"))
}
