package quota

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// planFile is the file's shape; pointers tell what is left out.
type planFile struct {
	Plan map[string]planTable `toml:"plan"`
}

type planTable struct {
	Title             string       `toml:"title"`
	Models            []string     `toml:"models"`
	ReserveOutput     *int64       `toml:"reserve_output"`
	RequestsPerMinute *int64       `toml:"requests_per_minute"`
	TokensPerMinute   *int64       `toml:"tokens_per_minute"`
	Streams           *int64       `toml:"streams"`
	SessionStreams    *int64       `toml:"session_streams"`
	Limit             []limitTable `toml:"limit"`
}

type limitTable struct {
	For      string  `toml:"for"`
	Only     string  `toml:"only"`
	Per      string  `toml:"per"`
	Messages *int64  `toml:"messages"`
	Tokens   *int64  `toml:"tokens"`
	USD      *string `toml:"usd"`
}

// ParsePlans reads plans. name is the file's, for the errors: each mistake is
// one of them, with the line it is on, joined in the order of the lines.
func ParsePlans(name string, text []byte) (*Plans, error) {
	var file planFile
	decoder := toml.NewDecoder(strings.NewReader(string(text)))
	if err := decoder.DisallowUnknownFields().Decode(&file); err != nil {
		return nil, decodeMistakes(name, err)
	}
	r := &planReader{name: name, lines: linesOf(text)}
	plans := &Plans{}
	for _, plan := range r.lines.plans {
		plans.all = append(plans.all, r.plan(plan, file.Plan[plan]))
	}
	if len(plans.all) == 0 {
		r.mistake(1, "there is no [plan.NAME]: the file holds no plan")
	}
	return plans, r.err()
}

// decodeMistakes tells the library's complaints with their lines.
func decodeMistakes(name string, err error) error {
	if strict, ok := errors.AsType[*toml.StrictMissingError](err); ok {
		var all []error
		for i := range strict.Errors {
			line, _ := strict.Errors[i].Position()
			all = append(all, fmt.Errorf("%s:%d: %s is no setting of a plan", name, line, strings.Join(strict.Errors[i].Key(), ".")))
		}
		return errors.Join(all...)
	}
	if syntax, ok := errors.AsType[*toml.DecodeError](err); ok {
		line, column := syntax.Position()
		return fmt.Errorf("%s:%d:%d: %s", name, line, column, strings.TrimPrefix(syntax.Error(), "toml: "))
	}
	return fmt.Errorf("%s: %s", name, strings.TrimPrefix(err.Error(), "toml: "))
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

func (r *planReader) plan(name string, t planTable) Plan {
	at := "plan." + name
	if !validName(name) {
		r.mistake(r.lines.of(at), "the plan's name %q must be of small letters, digits and dashes, at most 40", name)
	}
	positive := func(key string, n *int64) int64 {
		if n == nil {
			return 0
		}
		if *n < 1 {
			r.mistake(r.lines.of(at+"."+key), "%s must be at least 1; leave it out for no limit", key)
		}
		return *n
	}
	p := Plan{Name: name, Title: t.Title, Models: t.Models, ReserveOutput: positive("reserve_output", t.ReserveOutput),
		Rates: Rates{RequestsPerMinute: positive("requests_per_minute", t.RequestsPerMinute),
			TokensPerMinute: positive("tokens_per_minute", t.TokensPerMinute),
			Streams:         positive("streams", t.Streams), SessionStreams: positive("session_streams", t.SessionStreams)}}
	for _, pattern := range t.Models {
		r.pattern(at+".models", "models", pattern)
	}
	for i, l := range t.Limit {
		p.Limits = append(p.Limits, r.limits(fmt.Sprintf("%s.limit[%d]", at, i), l)...)
	}
	return p
}

// pattern checks one that stands for models.
func (r *planReader) pattern(at, key, pattern string) {
	beginning := strings.TrimSuffix(pattern, "*")
	if pattern == "" || strings.Contains(beginning, "*") || pattern != "*" && !strings.Contains(pattern, "/") {
		r.mistake(r.lines.of(at), "%s: %q is neither provider/name nor a beginning of it with a star at the end", key, pattern)
	}
}

// limits are those of one table, one for each unit in it.
func (r *planReader) limits(at string, t limitTable) []Limit {
	line := func(key string) int { return r.lines.of(at+"."+key, at) }
	if !slices.Contains(scopes(), Scope(t.For)) {
		r.mistake(line("for"), "for must be account, member, model or key, and is %q", t.For)
	}
	if !slices.Contains(Periods(), Period(t.Per)) {
		r.mistake(line("per"), "per must be day or month, and is %q", t.Per)
	}
	if t.Only != "" {
		if Scope(t.For) != ForModel {
			r.mistake(line("only"), `only goes with for = "model"`)
		}
		r.pattern(at+".only", "only", t.Only)
	}
	var all []Limit
	add := func(unit Unit, key string, most int64) {
		if most < 0 || most >= Unlimited {
			r.mistake(line(key), "%s must be at least 0, and no more than anybody can use", key)
		}
		all = append(all, Limit{Scope: Scope(t.For), Period: Period(t.Per), Unit: unit, Most: most, Only: t.Only})
	}
	if t.Messages != nil {
		add(Messages, "messages", *t.Messages)
	}
	if t.Tokens != nil {
		add(Tokens, "tokens", *t.Tokens)
	}
	if t.USD != nil {
		most, ok := parseUSD(*t.USD)
		if !ok {
			r.mistake(line("usd"), `usd must be dollars as a text, such as "2.50", with at most 6 digits behind the point, and is %q`, *t.USD)
		}
		add(MicroUSD, "usd", most)
	}
	if len(all) == 0 {
		r.mistake(line(""), "the limit has none of messages, tokens and usd")
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
