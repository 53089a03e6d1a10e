package upstream

import (
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// pieces is a network that brings one piece at each read.
type pieces struct{ sizes []int }

func (p *pieces) Read(b []byte) (int, error) {
	if len(p.sizes) == 0 {
		return 0, io.EOF
	}
	n := copy(b, strings.Repeat("x", p.sizes[0]))
	p.sizes = p.sizes[1:]
	return n, nil
}

func TestASourceLetsMoreGather(t *testing.T) {
	t.Parallel()
	const pause = 40 * time.Millisecond
	for _, tc := range []struct {
		name  string
		sizes []int
		pause time.Duration
		want  []time.Duration // when each piece was read
	}{
		{"few streams", []int{100, 100, 100}, 0, []time.Duration{0, 0, 0}},
		{"many streams", []int{100, 100, 100}, pause, []time.Duration{pause, 2 * pause, 3 * pause}},
		{"a full buffer: there is more", []int{512, 512, 100, 100}, pause, []time.Duration{pause, pause, pause, 2 * pause}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				began, dried := time.Now(), 0
				s := source{body: &pieces{tc.sizes}, dry: func(more bool) {
					dried++
					if !more {
						<-time.After(tc.pause)
					}
				}}
				var got []time.Duration
				for buf := make([]byte, 512); ; {
					if _, err := s.Read(buf); errors.Is(err, io.EOF) {
						break
					}
					got = append(got, time.Since(began))
				}
				if !slices.Equal(got, tc.want) {
					t.Errorf("read after %v, want %v", got, tc.want)
				}
				if want := len(tc.want) + 1; dried != want {
					t.Errorf("it said %d times that nothing is left, want %d: before each read", dried, want)
				}
			})
		})
	}
}

func TestASourceDoesNotWaitForTheFirstToken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		s := source{body: &pieces{[]int{100, 100}}}
		for range 2 {
			if _, err := s.Read(make([]byte, 512)); err != nil {
				t.Fatal(err)
			}
		}
		if !time.Now().Equal(began) {
			t.Error("it waited")
		}
	})
}
