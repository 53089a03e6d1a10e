package quota

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// The settings of a file: of a plan, and of a limit.
var (
	planSettings = []string{"title", "offered", "models", "reserve_output", "requests_per_minute", "tokens_per_minute", "streams",
		"session_streams", "limit"}
	limitSettings = []string{"for", "only", "per", "messages", "tokens", "usd"}
)

// ParsePlans reads plans. name is the file's, for the errors: each mistake is
// one of them, with the line it is on, joined in the order of the lines. What is no
// TOML is one mistake, since nothing behind it can be told.
func ParsePlans(name string, text []byte) (*Plans, error) {
	var tree map[string]any
	if err := toml.Unmarshal(text, &tree); err != nil {
		return nil, syntaxMistake(name, err)
	}
	r := &planReader{name: name, lines: linesOf(text)}
	for _, key := range slices.Sorted(maps.Keys(tree)) {
		if key != "plan" {
			r.mistake(r.lines.of(key), "%s belongs to no plan: a plan begins with a line such as [plan.free]", key)
		}
	}
	return r.plans(tree["plan"]), r.err()
}

// syntaxMistake tells the library's complaint with its line.
func syntaxMistake(name string, err error) error {
	what := strings.TrimPrefix(err.Error(), "toml: ")
	if syntax, ok := errors.AsType[*toml.DecodeError](err); ok {
		line, column := syntax.Position()
		return fmt.Errorf("%s:%d:%d: this cannot be read as TOML: %s", name, line, column, what)
	}
	return fmt.Errorf("%s: this cannot be read as TOML: %s", name, what)
}

// planReader checks what the types do not, and gathers the mistakes.
type planReader struct {
	name     string
	lines    planLines
	mistakes []planMistake
}

type planMistake struct {
	line int
	what string
}

func (r *planReader) mistake(line int, format string, args ...any) {
	r.mistakes = append(r.mistakes, planMistake{line, fmt.Sprintf(format, args...)})
}

func (r *planReader) err() error {
	slices.SortStableFunc(r.mistakes, func(a, b planMistake) int { return a.line - b.line })
	var all []error
	for _, m := range r.mistakes {
		all = append(all, fmt.Errorf("%s:%d: %s", r.name, m.line, m.what))
	}
	return errors.Join(all...)
}

// plans are those of the file, in its order.
func (r *planReader) plans(value any) *Plans {
	tables, ok := value.(map[string]any)
	if value != nil && !ok {
		r.mistake(r.lines.of("plan"), "plan is no setting: a plan begins with a line such as [plan.free]")
		return nil
	}
	all := &Plans{}
	for _, name := range r.lines.inOrder(tables) {
		in, ok := tables[name].(map[string]any)
		if !ok {
			r.mistake(r.lines.of("plan."+name), "plan.%s is no plan: one begins with a line such as [plan.%s]", name, name)
			continue
		}
		all.all = append(all.all, r.plan(name, in))
	}
	if len(tables) == 0 {
		r.mistake(1, "there is no plan in the file: one begins with a line such as [plan.free]")
	}
	return all
}

func (r *planReader) plan(name string, in map[string]any) Plan {
	t := planTable{r, "plan." + name, in}
	if !validName(name) {
		r.mistake(t.line(), "the plan's name %q must be of small letters, digits and dashes, at most 40", name)
	}
	t.known("a plan", planSettings)
	p := Plan{Name: name, Title: t.text("title", "Pro"), Private: !t.truth("offered", true), Models: t.texts("models", "anthropic/*"), ReserveOutput: t.positive("reserve_output"),
		Rates: Rates{RequestsPerMinute: t.positive("requests_per_minute"), TokensPerMinute: t.positive("tokens_per_minute"),
			Streams: t.positive("streams"), SessionStreams: t.positive("session_streams")}}
	for _, pattern := range p.Models {
		r.pattern(t.line("models"), "models", pattern)
	}
	for _, limit := range t.tables("limit") {
		p.Limits = append(p.Limits, r.limits(limit)...)
	}
	return p
}

// pattern checks one that stands for models.
func (r *planReader) pattern(line int, key, pattern string) {
	beginning := strings.TrimSuffix(pattern, "*")
	if pattern == "" || strings.Contains(beginning, "*") || pattern != "*" && !strings.Contains(pattern, "/") {
		r.mistake(line, "%s: %q is neither provider/name nor a beginning of it with a star at the end", key, pattern)
	}
}

// limits are those of one table, one for each unit in it.
func (r *planReader) limits(t planTable) []Limit {
	t.known("a limit", limitSettings)
	l := Limit{Scope: Scope(t.text("for", "account")), Period: Period(t.text("per", "month")), Only: t.text("only", "anthropic/*")}
	if t.isText("for") && !slices.Contains(scopes(), l.Scope) {
		r.mistake(t.line("for"), "for must be account, member, model or key, and is %q", l.Scope)
	}
	if t.isText("per") && !slices.Contains(Periods(), l.Period) {
		r.mistake(t.line("per"), "per must be day or month, and is %q", l.Period)
	}
	if l.Only != "" {
		if l.Scope != ForModel {
			r.mistake(t.line("only"), `only goes with for = "model"`)
		}
		r.pattern(t.line("only"), "only", l.Only)
	}
	all := []Limit{}
	add := func(unit Unit, key string, read func(key string) int64) {
		if !t.has(key) {
			return
		}
		l.Unit, l.Most = unit, read(key)
		if l.Most < 0 || l.Most >= Unlimited {
			r.mistake(t.line(key), "%s must be at least 0, and no more than anybody can use", key)
		}
		all = append(all, l)
	}
	add(Messages, "messages", t.whole)
	add(Tokens, "tokens", t.whole)
	add(MicroUSD, "usd", t.dollars)
	if len(all) == 0 {
		r.mistake(t.line(), "the limit has none of messages, tokens and usd")
	}
	return all
}

func validName(name string) bool {
	return name != "" && len(name) <= 40 && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

// parseUSD reads dollars as micro-dollars, exactly.
func parseUSD(text string) (int64, bool) {
	const places = 6
	whole, part, _ := strings.Cut(text, ".")
	if whole == "" || len(whole) > 9 || len(part) > places || strings.Trim(whole+part, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(whole+part+strings.Repeat("0", places-len(part)), 10, 64)
	return n, err == nil
}
