package identity_test

import (
	"strings"
	"testing"
	_ "time/tzdata" // a machine without time zones has them all the same

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
)

func TestProfile(t *testing.T) {
	t.Parallel()
	name := func(s string) identity.ProfileChange { return identity.ProfileChange{Name: &s} }
	avatar := func(s string) identity.ProfileChange { return identity.ProfileChange{AvatarURL: &s} }
	locale := func(s string) identity.ProfileChange { return identity.ProfileChange{Locale: &s} }
	zone := func(s string) identity.ProfileChange { return identity.ProfileChange{TimeZone: &s} }
	model := func(s string) identity.ProfileChange { return identity.ProfileChange{DefaultModel: &s} }
	for _, tc := range []struct {
		make        func(string) identity.ProfileChange
		field       string
		fits, unfit []string // what fits becomes what follows it
	}{
		{name, "name",
			[]string{"Ada", "Ada", "  Ada Lovelace ", "Ada Lovelace", "Łukasz", "Łukasz", "日本", "日本", "👩‍💻", "👩‍💻", strings.Repeat("x", 200), strings.Repeat("x", 200)},
			[]string{"", "  ", "a\nb", "a\x1b[31mb", "a\u202eb", "\u200d", "\u00ad", "a\x00b", strings.Repeat("x", 201)}},
		{avatar, "avatar_url",
			[]string{"", "", "https://example.com/a.png", "https://example.com/a.png", " https://example.com ", "https://example.com", "HTTPS://e.com/x?y=1", "https://e.com/x?y=1"},
			[]string{"http://example.com/a.png", "javascript:alert(1)", "data:image/png;base64,x", "https://", "https:///x", "https:x", "//e.com/x",
				"https://ada:pw@example.com/", "https://e.com/\" onload=\"x", "https://e.com/ x", "https://e.com/ü", "https://e.com/" + strings.Repeat("x", 2048)}},
		{locale, "locale",
			[]string{"", "", "de", "de", "de-ch", "de-CH", "zh_hant_tw", "zh-Hant-TW", "pt-BR", "pt-BR"},
			[]string{"x", "und", "deutsch", "C", "en_US.UTF-8", "zz-ZZZZZ", "../../etc"}},
		{zone, "time_zone",
			[]string{"", "", "Europe/Zurich", "Europe/Zurich", "UTC", "UTC"},
			[]string{"Local", "Europe/Nowhere", "../../etc/passwd", "/etc/localtime", "+02:00"}},
		{model, "default_model",
			[]string{"", "", "demo/demo", "demo/demo"},
			[]string{"a b", "a\nb", strings.Repeat("x", 301)}},
	} {
		get := func(c identity.ProfileChange) *string {
			for _, p := range []*string{c.Name, c.AvatarURL, c.Locale, c.TimeZone, c.DefaultModel} {
				if p != nil {
					return p
				}
			}
			return nil
		}
		for i := 0; i < len(tc.fits); i += 2 {
			c, err := tc.make(tc.fits[i]).Clean()
			if got := get(c); err != nil || got == nil || *got != tc.fits[i+1] {
				t.Errorf("%s %q: %v, %v", tc.field, tc.fits[i], got, err)
			}
		}
		for _, text := range tc.unfit {
			c, err := tc.make(text).Clean()
			if f := fault.Of(err); f == nil || f.Subject != tc.field || get(c) != nil {
				t.Errorf("%s %q: %v", tc.field, text, err)
			}
		}
	}
	if c, err := (identity.ProfileChange{}).Clean(); err != nil || c != (identity.ProfileChange{}) {
		t.Errorf("nothing: %v, %v", c, err)
	}
}

func TestNamesThatAreNoText(t *testing.T) {
	t.Parallel()
	if _, err := identity.CleanName("a\xff"); !fault.Is(err, fault.TextInvalid) {
		t.Error(err)
	}
}
