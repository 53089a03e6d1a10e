package gemini

import (
	"cmp"

	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/provider/upstream"
	"github.com/aichat-term/aichat/server/provider/upstream/jsonscan"
)

// chunk is one event of the stream.
type chunk struct {
	Candidates []candidate `json:"candidates"`

	PromptFeedback *struct {
		BlockReason string `json:"blockReason"`
	} `json:"promptFeedback"`

	Usage      *usage    `json:"usageMetadata"`
	ResponseID string    `json:"responseId"`
	Error      *apiError `json:"error"`

	// What Scan has found is kept here.
	candidate [1]candidate
	parts     [2]part
	usage     usage

	lastID string // of the chunks before, in all likelihood this one's too
}

// candidate is one answer; there is one, for one is all we ask for.
type candidate struct {
	Content       answer `json:"content"`
	FinishReason  string `json:"finishReason"`
	FinishMessage string `json:"finishMessage"`
}

// answer is a content as it is received.
type answer struct {
	Parts []part `json:"parts"`
}

// Reset implements upstream.Shape.
func (c *chunk) Reset() { *c = chunk{lastID: cmp.Or(c.ResponseID, c.lastID)} }

// Scan implements upstream.Shape: it reads the texts of one candidate, with its
// finish reason and the usage. Calls, refusals and errors are for encoding/json.
func (c *chunk) Scan(s *jsonscan.Scanner) {
	for s.Object(); s.Member(); {
		switch string(s.Key()) {
		case "candidates":
			c.scanCandidates(s)
		case "usageMetadata":
			c.scanUsage(s)
		case "responseId":
			s.Word(&c.ResponseID, c.lastID)
		case "promptFeedback", "error":
			s.Fail()
		default:
			s.Skip()
		}
	}
}

func (c *chunk) scanCandidates(s *jsonscan.Scanner) {
	if c.Candidates != nil {
		s.Fail() // they are there twice
	}
	c.Candidates = c.candidate[:0]
	for s.Array(); s.Element(); {
		if len(c.Candidates) > 0 {
			s.Fail()
			return
		}
		c.Candidates = c.candidate[:1]
		c.scanCandidate(s)
	}
}

func (c *chunk) scanCandidate(s *jsonscan.Scanner) {
	only := &c.candidate[0]
	for s.Object(); s.Member(); {
		switch string(s.Key()) {
		case "content":
			for s.Object(); s.Member(); {
				c.scanContent(s)
			}
		case "finishReason":
			s.String(&only.FinishReason)
		case "finishMessage":
			s.String(&only.FinishMessage)
		default:
			s.Skip()
		}
	}
}

// scanContent reads one member of the candidate's content.
func (c *chunk) scanContent(s *jsonscan.Scanner) {
	if string(s.Key()) != "parts" {
		s.Skip()
		return
	}
	parts := &c.candidate[0].Content.Parts
	if *parts != nil {
		s.Fail() // they are there twice
	}
	*parts = c.parts[:0]
	for s.Array(); s.Element(); {
		*parts = append(*parts, part{})
		(*parts)[len(*parts)-1].scan(s)
	}
}

// scan reads a text.
func (p *part) scan(s *jsonscan.Scanner) {
	for s.Object(); s.Member(); {
		switch string(s.Key()) {
		case "text":
			s.String(&p.Text)
		case "thought":
			s.Bool(&p.Thought)
		case "thoughtSignature":
			s.String(&p.ThoughtSignature)
		case "inlineData", "functionCall", "functionResponse":
			s.Fail()
		default:
			s.Skip()
		}
	}
}

func (c *chunk) scanUsage(s *jsonscan.Scanner) {
	if s.Null() {
		c.Usage, c.usage = nil, usage{}
		return
	}
	c.Usage = &c.usage
	c.usage.scan(s)
}

// usage counts are absolute so far.
type usage struct {
	Prompt     upstream.Count `json:"promptTokenCount"`
	Cached     upstream.Count `json:"cachedContentTokenCount"` // within Prompt
	ToolPrompt upstream.Count `json:"toolUsePromptTokenCount"` // beside it
	Candidates upstream.Count `json:"candidatesTokenCount"`
	Thoughts   upstream.Count `json:"thoughtsTokenCount"` // beside Candidates
}

// UnmarshalJSON implements json.Unmarshaler: what is no usage is none.
func (u *usage) UnmarshalJSON(b []byte) error {
	type plain usage
	return upstream.Lenient(b, (*plain)(u))
}

func (u usage) usage() provider.Usage {
	return provider.Usage{
		Input:      int64(u.Prompt-u.Cached) + u.ToolPrompt.Apart(),
		CachedRead: int64(u.Cached),
		Output:     u.Candidates.Apart() + u.Thoughts.Apart(),
		Reasoning:  int64(u.Thoughts),
	}
}

func (u *usage) scan(s *jsonscan.Scanner) {
	for s.Object(); s.Member(); {
		switch string(s.Key()) {
		case "promptTokenCount":
			u.Prompt.Scan(s)
		case "cachedContentTokenCount":
			u.Cached.Scan(s)
		case "toolUsePromptTokenCount":
			u.ToolPrompt.Scan(s)
		case "candidatesTokenCount":
			u.Candidates.Scan(s)
		case "thoughtsTokenCount":
			u.Thoughts.Scan(s)
		default:
			s.Skip()
		}
	}
}
