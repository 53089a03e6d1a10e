package main

import (
	"github.com/aichat-term/aichat/client/config"
)

// lastAsked is the conversation that -c goes on with: the last one that ask
// began, or went on with, on this machine and server.
func (p *program) lastAsked() (string, error) {
	facts, err := p.facts()
	if err != nil {
		return "", err
	}
	if facts.LastAsk == "" {
		return "", usage(`Begin one: aichat ask "…"    or name one: --chat ID`,
			"There is no conversation to continue: ask has begun none here.")
	}
	return facts.LastAsk, nil
}

// rememberChat notes the conversation for -c, as soon as the server has the
// question: an answer that is stopped, or still runs, is gone on with too.
func (p *program) rememberChat(conversation string, o askOptions) {
	if o.noSave || o.chat != "" {
		return
	}
	p.note(func(f *config.Facts) { f.LastAsk = conversation }, "The conversation could not be noted for --continue.")
}

// rememberModel notes the model if it was chosen by name, and has answered.
func (p *program) rememberModel(o askOptions) {
	if o.noSave || o.model == "" {
		return
	}
	p.note(func(f *config.Facts) { f.LastModel = o.model }, "The model could not be noted as the last one chosen.")
}

// note keeps a fact. That it cannot is no failure: the answer is there, and
// nothing else depends on it.
func (p *program) note(change func(*config.Facts), trouble string) {
	if err := p.noteFacts(change); err != nil && p.verbose {
		p.say(p.err, failed(err, "%s", trouble))
	}
}

func (p *program) noteFacts(change func(*config.Facts)) error {
	state, err := p.lenders.state()
	if err != nil {
		return err
	}
	target, err := p.lenders.target()
	if err != nil {
		return err
	}
	return state.Remember(target.Profile, change)
}

func (p *program) facts() (config.Facts, error) {
	state, err := p.lenders.state()
	if err != nil {
		return config.Facts{}, err
	}
	target, err := p.lenders.target()
	if err != nil {
		return config.Facts{}, err
	}
	facts, err := state.Facts(target.Profile)
	if err != nil {
		return config.Facts{}, failed(err, "What was remembered cannot be read.")
	}
	return facts, nil
}

// namedModel is the model that the command line or the environment names;
// empty: neither does.
func (p *program) namedModel(o askOptions) string {
	if o.model != "" {
		return o.model
	}
	return p.env.get("AICHAT_CHAT_MODEL")
}

// askedModel is the model that is asked for: by flag, environment or
// configuration; empty: none is.
func (p *program) askedModel(o askOptions) (string, error) {
	if model := p.namedModel(o); model != "" {
		return model, nil
	}
	target, err := p.lenders.target()
	return target.Model, err
}

// modelFor is the model of a new conversation: the one asked for, else the last
// one chosen; empty leaves it to the server, which knows what it has keys for.
func (p *program) modelFor(o askOptions) (string, error) {
	model, err := p.askedModel(o)
	if err != nil || model != "" {
		return model, err
	}
	facts, err := p.facts()
	return facts.LastModel, err
}
