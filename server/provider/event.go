package provider

// Event is one step of an answer: a flat struct with a type, reused by Next.
type Event struct {
	Type EventType

	// Part is the index of the part that a delta belongs to, counted from 0 in
	// the order in which parts begin. Consecutive deltas of one index belong
	// together; an adapter never goes back to an earlier index.
	Part int

	// Text is a TextDelta's or ReasoningDelta's text: valid UTF-8, never empty.
	// For ToolDelta it is a piece of the arguments' JSON.
	Text string

	// CallID and Name are set on the first ToolDelta of a part.
	CallID, Name string

	// Opaque is the vendor's sealed bytes for the part (PartOpaque only).
	Opaque []byte

	// Usage is what is known so far, absolute and not a difference (UsageNow,
	// and Finish where it comes with it).
	Usage Usage

	// Finish says why the answer ended (Finish only).
	Finish FinishReason

	// RequestID is the vendor's id of the call (Began only), for support.
	RequestID string
}

// EventType says what an Event is.
type EventType uint8

// The event types.
const (
	Began EventType = iota + 1
	TextDelta
	ReasoningDelta
	ToolDelta
	PartOpaque
	UsageNow
	Finish
)

// FinishReason says why a complete answer ended.
type FinishReason string

// The finish reasons, as on the wire.
const (
	Stop    FinishReason = "stop"
	Length  FinishReason = "length"  // cut by the token limit
	Refusal FinishReason = "refusal" // the model declined
	Filter  FinishReason = "filter"  // the vendor's content filter
	Tool    FinishReason = "tool"    // the model wants a tool run
)
