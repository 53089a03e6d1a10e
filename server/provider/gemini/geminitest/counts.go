package geminitest

import "github.com/aichat-term/aichat/server/provider/providertest"

// counts is how prompts are counted.
var counts = &providertest.CountCases{
	Path:     "/v1beta/models/" + providertest.Model + ":countTokens",
	Question: `{"generateContentRequest": {"model": "models/` + providertest.Model + `", "contents": [{"role": "user", "parts": [{"text": "Hello"}]}]}}`,
	History: `{"generateContentRequest": {"model": "models/` + providertest.Model + `", "systemInstruction": {"parts": [{"text": "Be brief."}]}, "contents": [
		{"role": "user", "parts": [{"text": "Hello"}]},
		{"role": "model", "parts": [{"text": "Hi"}]},
		{"role": "user", "parts": [{"text": "Who?"}]}]}}`,
	Image: `{"generateContentRequest": {"model": "models/` + providertest.Model + `", "contents": [{"role": "user", "parts": [
		{"inlineData": {"mimeType": "image/png", "data": "cG5n"}}]}]}}`,
	Reply: `{"totalTokens": 2095}`,
}
