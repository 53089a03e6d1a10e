package turn

import (
	"crypto/sha256"
	"encoding/json"
	"math"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/fault"
)

// maxTemperature is the highest temperature that any vendor takes.
const maxTemperature = 2

// check refuses what needs no store to be refused.
func (r *Request) check() error {
	if err := r.checkIDs(); err != nil {
		return err
	}
	if err := r.checkTexts(); err != nil {
		return err
	}
	if r.Question == nil && r.Parent == "" {
		return fault.New(fault.Invalid, "A turn needs a question, or the message to answer anew as its parent.")
	}
	if r.Question == nil && r.Ephemeral {
		return fault.New(fault.Invalid, "An unsaved turn needs a question.")
	}
	if n := r.MaxTokens; n != nil && *n <= 0 {
		return &fault.Error{Kind: fault.Invalid, Subject: "max_tokens", Message: "max_tokens must be at least 1."}
	}
	if t := r.Temperature; t != nil && !(*t >= 0 && *t <= maxTemperature) || t != nil && math.IsNaN(*t) {
		return &fault.Error{Kind: fault.Invalid, Subject: "temperature", Message: "temperature must be between 0 and 2."}
	}
	return nil
}

func (r *Request) checkIDs() error {
	ids := []struct{ what, id string }{{"id", string(r.ID)}}
	if !r.Ephemeral {
		ids = append(ids, struct{ what, id string }{"conversation", string(r.Conversation)})
	}
	if r.Question != nil {
		ids = append(ids, struct{ what, id string }{"question.id", string(r.Question.ID)})
	}
	if r.Parent != "" {
		ids = append(ids, struct{ what, id string }{"parent", string(r.Parent)})
	}
	for _, x := range ids {
		if err := conversation.CheckID(x.what, x.id); err != nil {
			return err
		}
	}
	if r.Question != nil && r.Question.ID == r.ID {
		return fault.New(fault.Invalid, "The question and its answer need ids of their own.")
	}
	return nil
}

func (r *Request) checkTexts() error {
	if r.System != nil {
		if err := conversation.CheckText("system", *r.System); err != nil {
			return err
		}
		if len(*r.System) > conversation.MaxSystem {
			return fault.New(fault.TooLarge, "The system prompt is larger than %d kB.", conversation.MaxSystem>>10)
		}
	}
	if r.Question == nil {
		return nil
	}
	size, empty := 0, true
	for i := range r.Question.Parts {
		p := &r.Question.Parts[i]
		if err := conversation.CheckText("question", p.Text); err != nil {
			return err
		}
		size += len(p.Text)
		empty = empty && p.Text == "" && p.Type == conversation.Text
	}
	switch {
	case empty:
		return fault.New(fault.Invalid, "The question is empty.")
	case size > conversation.MaxQuestion:
		return fault.New(fault.TooLarge, "The question is larger than %d MB.", conversation.MaxQuestion>>20)
	}
	return nil
}

// digested is what a request's digest is of. Digests are stored and outlive the
// program: a field that is added must be left out where it is not set, and none
// may change its name.
type digested struct {
	ID           ID                     `json:"id"`
	Conversation conversation.ID        `json:"conversation,omitempty"`
	Create       bool                   `json:"create,omitempty"`
	Question     conversation.MessageID `json:"question,omitempty"`
	Parts        []conversation.Part    `json:"parts,omitempty"`
	Parent       conversation.MessageID `json:"parent,omitempty"`
	Root         bool                   `json:"root,omitempty"`
	Model        string                 `json:"model,omitempty"`
	System       *string                `json:"system,omitempty"`
	MaxTokens    *int64                 `json:"max_tokens,omitempty"`
	Temperature  *float64               `json:"temperature,omitempty"`
	Ephemeral    bool                   `json:"ephemeral,omitempty"`
}

// digest tells a repeated request from another with the same id. What only the
// terminal knows (Env) is no part of it.
func (r *Request) digest() []byte {
	d := digested{ID: r.ID, Conversation: r.Conversation, Create: r.Create != nil, Parent: r.Parent, Root: r.Root,
		Model: r.Model, System: r.System, MaxTokens: r.MaxTokens, Temperature: r.Temperature, Ephemeral: r.Ephemeral}
	if r.Question != nil {
		d.Question, d.Parts = r.Question.ID, r.Question.Parts
	}
	text, err := json.Marshal(d)
	if err != nil { // an infinite temperature: refused before
		text = []byte(r.ID)
	}
	sum := sha256.Sum256(text)
	return sum[:]
}
