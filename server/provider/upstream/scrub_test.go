package upstream_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/provider/upstream"
	"github.com/aichat-term/aichat/server/provider/upstream/jsonscan"
	"github.com/aichat-term/aichat/server/vault"
)

func TestScrub(t *testing.T) {
	t.Parallel()
	const key = "sk-secret-1"
	for _, tc := range []struct{ name, in, want string }{
		{"plain", "Try again.", "Try again."},
		{"lines become one", " a\r\n\tb\u2028c ", "a b c"},
		{"no escapes", "a\x1b[31mred\x00\x7f", "a[31mred"},
		{"no reordering, nothing hidden", "a\u202eb\u200bc\u2066d", "abcd"},
		{"valid UTF-8", "a\xff\xfeb", "a\ufffdb"},
		{"no key", "Bad key sk-secret-1, sk-secret-1!", "Bad key [key], [key]!"},
		{"no key in disguise", "Bad key sk-sec\x00ret-1", "Bad key [key]"},
		{"short enough", strings.Repeat("ü", 300), strings.Repeat("ü", 300)},
		{"too long", strings.Repeat("ü", 301), strings.Repeat("ü", 299) + "…"},
		{"no start of the key at the cut", strings.Repeat("x", 295) + key, strings.Repeat("x", 295) + "[key]"},
	} {
		if got := upstream.Scrub(tc.in, vault.NewSecret(key)); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
	if got := upstream.Scrub("no key here", vault.Secret{}); got != "no key here" {
		t.Errorf("without a key: %q", got)
	}
}

// FuzzScrub puts a key somewhere into any words: what comes out is fit to be
// shown, and the key is gone.
func FuzzScrub(f *testing.F) {
	const key = "sk-secret-1"
	f.Add("Incorrect key: ", " given.")
	f.Add("a\x1b]0;title\x07\n\u202e", "\xff")
	f.Add(strings.Repeat("x", 295), "")
	f.Fuzz(func(t *testing.T, before, after string) {
		got := upstream.Scrub(before+key+after, vault.NewSecret(key))
		if !utf8.ValidString(got) || utf8.RuneCountInString(got) > 300 || strings.ContainsAny(got, "\n\r\x1b\x00") {
			t.Errorf("not fit to be shown: %q", got)
		}
		if strings.Contains(got, key) {
			t.Errorf("%q shows the key", got)
		}
	})
}

func TestText(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"": "", "a": "a", "日本": "日本", "a\x00b": "a\ufffdb", "\xff": "\ufffd"} {
		if got := upstream.Text(in); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
}

func TestCount(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		in     string
		want   upstream.Count
		absurd bool
	}{
		{in: "0"},
		{in: "7", want: 7},
		{in: "-0"},
		{in: "7.0", want: 7},
		{in: "1e3", want: 1000},
		{in: "null"},
		{in: "-1", want: -1, absurd: true},
		{in: "99999999999999999999", absurd: true, want: 1 << 56},
		{in: "-99999999999999999999", absurd: true, want: -1 << 56},
		{in: "9223372036854775807", absurd: true, want: 1 << 56},
		{in: "1e999", absurd: true, want: 1 << 56},
		{in: "-1e999", absurd: true, want: -1 << 56},
		{in: `"7"`},
		{in: `"NaN"`},
		{in: "true"},
		{in: `{}`},
		{in: `[7]`},
	} {
		var got upstream.Count
		if err := json.Unmarshal([]byte(tc.in), &got); err != nil || got != tc.want {
			t.Errorf("%s: %d, %v; want %d", tc.in, got, err, tc.want)
		}
		var scanned upstream.Count
		var s jsonscan.Scanner
		s.Reset([]byte(tc.in))
		if scanned.Scan(&s); s.Whole() && scanned != tc.want {
			t.Errorf("%s: scanned %d, want %d", tc.in, scanned, tc.want)
		}
		if _, odd := (provider.Usage{Input: int64(got)}).Credible(&provider.Model{}); odd != tc.absurd {
			t.Errorf("%s: absurd %v, want %v", tc.in, odd, tc.absurd)
		}
		if apart := got.Apart(); apart != int64(got) && (got >= 0 || apart+3<<56 >= 0) {
			t.Errorf("%s: apart %d", tc.in, apart)
		}
	}
}
