package quota

import (
	"fmt"
	"strings"
	"time"
)

// Levels are the percentages of a limit at which its user is told, once each in
// a period.
func Levels() []int { return []int{80, 90, 100} }

// Level is the highest of the Levels that has been reached; 0: none. Of a limit
// of nothing, and of no limit, none is.
func Level(used, most int64) int {
	reached := 0
	if most <= 0 || most >= Unlimited {
		return reached
	}
	for _, level := range Levels() {
		// most*level/100, rounded up, without overflow
		if used >= most/100*int64(level)+(most%100*int64(level)+99)/100 {
			reached = level
		}
	}
	return reached
}

// Warning says that a limit has been used so far, for the first time in its
// period.
type Warning struct {
	Counter
	Unit    Unit
	Percent int // of Levels
	Used    int64
	Most    int64
	Resets  time.Time // when the counter's period ends
}

// What is how much has been used of how much: "400 of 500 messages a day".
func (w Warning) What() string {
	used, most := Quantity(w.Unit, w.Used), Quantity(w.Unit, w.Most)
	if n, word, counted := strings.Cut(used, " "); counted && strings.HasSuffix(most, " "+word) {
		used = n
	}
	return used + " of " + most + " " + per(w.Period) + whose(w.Counter)
}

// Text is the warning for people.
func (w Warning) Text() string {
	if w.Percent >= 100 {
		return "The plan's limit is reached: " + w.What() + " are used. " + resets(w.Resets) + "To see which plans have more, type: aichat upgrade"
	}
	return fmt.Sprintf("%d %% of the plan's limit are used: %s.", w.Percent, w.What())
}
