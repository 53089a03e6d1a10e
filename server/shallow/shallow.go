// Package shallow keeps the stacks of long-lived goroutines small.
//
// A goroutine's stack grows to the deepest call it ever made and is slow to
// shrink. A stream's goroutines begin with deep work (a database, an HTTP call)
// and then wait, by the thousand, for minutes: what they do first is better done
// on a stack that goes away.
//
// shallow is a leaf: it imports the standard library only.
package shallow

import (
	"fmt"
	"runtime/debug"
)

// Call runs f on a stack of its own and returns its result. A panic of f becomes
// the caller's, as a text with what f panicked with and f's own trace.
func Call[T any](f func() T) T {
	type outcome struct {
		result T
		broken string
	}
	over := make(chan outcome, 1)
	go func() {
		var o outcome
		defer func() {
			if broken := recover(); broken != nil {
				o.broken = fmt.Sprintf("%v\n%s", broken, debug.Stack())
			}
			over <- o
		}()
		o.result = f()
	}()
	o := <-over
	if o.broken != "" {
		panic(o.broken)
	}
	return o.result
}
