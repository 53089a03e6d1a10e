package provider

// Request is one call of a model, in no vendor's shape.
type Request struct {
	// Model is the vendor's own name of the model, without our provider prefix.
	Model string

	// System is the system prompt; empty means none.
	System string

	// Messages is the history, oldest first; the last one is the user's. Roles
	// need not alternate: an adapter merges what its vendor wants merged.
	Messages []Message

	// MaxTokens limits the answer. Zero means the vendor's default, or the
	// model's output limit where the vendor demands a number.
	MaxTokens int64

	// OutputLimit is the catalogue's output limit of the model (0: unknown), for
	// vendors that demand MaxTokens.
	OutputLimit int64

	// Temperature is nil for the vendor's default.
	Temperature *float64
}

// For is the request as another model can be asked it: under its name, with no
// temperature where it takes none, and for an answer no longer than either model
// may write, beside a prompt of so many tokens. It shares the messages. ok is false
// where the prompt does not fit the model's window.
func (r *Request) For(m Model, prompt int64) (other *Request, ok bool) {
	other = new(Request)
	*other = *r
	other.Model = m.Name
	if m.NoTemperature {
		other.Temperature = nil
	}
	most := least(least(r.MaxTokens, r.OutputLimit), m.Output)
	if m.Context > 0 {
		if prompt >= m.Context {
			return nil, false
		}
		most = least(most, m.Context-prompt)
	}
	other.OutputLimit = most
	if most > 0 && (r.MaxTokens > 0 || m.Output == 0 || m.Output > most) {
		other.MaxTokens = most
	}
	return other, true
}

// least is the lower of two limits, of which zero is none.
func least(a, b int64) int64 {
	if a == 0 || b == 0 {
		return max(a, b)
	}
	return min(a, b)
}

// Role says who speaks.
type Role string

// The roles. A system prompt is not a message; see Request.System.
const (
	User      Role = "user"
	Assistant Role = "assistant"
)

// Message is one speaker's turn of the history.
type Message struct {
	Role  Role
	Parts []Part
}

// Part is a piece of a message: a flat struct with a type, of which each type
// uses some fields.
type Part struct {
	Type PartType

	// Text is the text of Text and Reasoning, the result of ToolResult.
	Text string

	// MIME and Data are an image's.
	MIME string
	Data []byte

	// Tool fields: the vendor's call id, the tool's name and its arguments as
	// JSON text.
	CallID, Name, Arguments string

	// Opaque is what only one vendor understands (a signature, encrypted
	// reasoning) and wants back verbatim. It goes back only to the provider id
	// that OpaqueFrom names; others do not see it, nor the reasoning it seals.
	Opaque     []byte
	OpaqueFrom string
}

// PartType says what a Part is.
type PartType string

// The part types. Unknown ones are skipped by adapters.
const (
	Text       PartType = "text"
	Reasoning  PartType = "reasoning"
	Image      PartType = "image"
	ToolCall   PartType = "tool_call"
	ToolResult PartType = "tool_result"
)
