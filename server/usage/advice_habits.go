package usage

import "fmt"

// A conversation runs away when it has been asked in often, with prompts that are
// far longer than a usual one: each question pays for all that was said before.
const (
	runawayCalls  = 5
	runawayPrompt = 20_000 // tokens, on average
	usualPrompt   = 8_000  // tokens, after beginning anew with a summary
	mostRunaways  = 3
)

// runaways looks for conversations that have grown too long.
func runaways(e *Evidence) (all []Advice) {
	for _, c := range e.Conversations {
		n, prompt := c.All.Calls, c.All.Tokens.Prompt()
		if c.Key == "" || n < runawayCalls || prompt/n < runawayPrompt || c.All.MicroUSD < worthIt || len(all) == mostRunaways {
			continue
		}
		title := e.Titles[c.Key]
		if title == "" {
			continue // it is gone: there is nothing to be done about it
		}
		less := prompt - n*usualPrompt
		all = append(all, Advice{
			Rule: Runaway, Subject: c.Key,
			Title: fmt.Sprintf("%q has grown long", title),
			Saw:   fmt.Sprintf("%s with %s tokens of prompt on average, for %s.", calls(n), Grouped(prompt/n), Dollars(c.All.MicroUSD)),
			Sum: fmt.Sprintf("%s tokens of prompt; with %s each it would have been %s: %s, or %d %%, less.", Grouped(prompt), Grouped(usualPrompt),
				Grouped(n*usualPrompt), Grouped(less), percent(less, prompt)),
			Do:      "Ask it for a summary, and go on with that in a new conversation: every question pays for all that was said before it.",
			Command: `aichat ask --chat ` + c.Key + ` "Sum up what we have settled, to go on elsewhere."`,
		})
	}
	return all
}

// A plan is too large when most of its month is over and little of it used.
const (
	planPassed = 75 // % of the month
	planUsed   = 25 // % of each limit
)

// unusedPlan looks whether a smaller plan would have done.
func unusedPlan(e *Evidence) []Advice {
	p := e.Plan
	if p == nil || len(p.Limits) == 0 {
		return nil
	}
	length, passed := p.Month.Ends.Sub(p.Month.Starts), p.Now.Sub(p.Month.Starts)
	if length <= 0 || percent(int64(passed), int64(length)) < planPassed {
		return nil
	}
	var most LimitUse
	for _, l := range p.Limits {
		if l.Most <= 0 {
			return nil
		}
		if most.Most == 0 || percent(l.Used, l.Most) > percent(most.Used, most.Most) {
			most = l
		}
	}
	used := percent(most.Used, most.Most)
	if used >= planUsed {
		return nil
	}
	end := share(most.Used, length, passed)
	return []Advice{{
		Rule:  UnusedPlan,
		Title: fmt.Sprintf("The plan %s is hardly used", p.Title),
		Saw: fmt.Sprintf("Of no limit of the month more than %d %% is used (%s of %s), with %s of %s days gone.", used, most.text(most.Used),
			most.text(most.Most), days(passed), days(length)),
		Sum: fmt.Sprintf("At this pace it will be %s by the end: %s × %s / %s days, %d %% of the limit.", most.text(end), most.text(most.Used),
			days(length), days(passed), percent(end, most.Most)),
		Do: "A smaller plan would have done, if the other months were like this one. Whoever runs the server can change it.",
	}}
}
