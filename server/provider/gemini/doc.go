// Package gemini speaks Google's Gemini API, v1beta: streamGenerateContent and
// the list of models (https://ai.google.dev/api/generate-content and its pages
// on errors, thinking and thought signatures).
//
// The stream has no end marker of its own: an answer is complete when a chunk
// has named a finish reason and the response has ended.
//
// It imports provider, provider/upstream, fault and the standard library.
package gemini
