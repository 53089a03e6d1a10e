// Package anthropic speaks Anthropic's Messages API, version 2023-06-01
// (https://platform.claude.com/docs/en/api/messages, its pages on streaming, on
// errors and on the list of models).
//
// It asks for no extended thinking, but takes thinking blocks where a model
// sends them, and sends them back sealed as they came.
//
// It imports provider, provider/upstream, fault and the standard library.
package anthropic
