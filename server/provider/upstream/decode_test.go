package upstream

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// FuzzDecode: the decoder takes and refuses what json.Unmarshal does, whatever
// it has decoded before.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{
		`{"text":"a"}`, ` {"text":"a"} `, `{"text":"a"}{"text":"b"}`, `{"text":"a"} x`, `{"text":"a"`, `{`, ``, ` `,
		`null`, `[]`, `"a"`, `7`, `{}`, "{\"text\":\"\xff\"}", `{"text":"\ud83d"}`, `{"text":7}`, "\u00a0{}", "{}\x00",
		`{"text":"` + strings.Repeat("x", keepDecoder) + `"}`,
	} {
		f.Add(s, s)
	}
	type object struct{ Text string }
	f.Fuzz(func(t *testing.T, first, second string) {
		var d decoder
		for _, data := range []string{`{"text":"warm"}`, first, second} {
			var got, want object
			gotErr, wantErr := d.decode([]byte(data), &got), json.Unmarshal([]byte(data), &want)
			if (gotErr == nil) != (wantErr == nil) || wantErr == nil && !reflect.DeepEqual(got, want) {
				t.Fatalf("%q: %+v, %v; json.Unmarshal %+v, %v", data, got, gotErr, want, wantErr)
			}
			if gotErr != nil {
				return // of no use any more
			}
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	for _, size := range []int{10, 1000} {
		data := []byte(`{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"` + strings.Repeat("x", size) + `"}}`)
		var into struct{ Delta struct{ Text string } }
		var d decoder
		for name, decode := range map[string]func([]byte, any) error{"Unmarshal": json.Unmarshal, "kept": d.decode} {
			b.Run(fmt.Sprintf("%s-%d", name, size), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if err := decode(data, &into); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
