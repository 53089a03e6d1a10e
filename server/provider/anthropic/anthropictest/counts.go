package anthropictest

import "github.com/aichat-term/aichat/server/provider/providertest"

// counts is how prompts are counted.
var counts = &providertest.CountCases{
	Path:     "/v1/messages/count_tokens",
	Question: `{"model": "` + providertest.Model + `", "messages": [{"role": "user", "content": [{"type": "text", "text": "Hello"}]}]}`,
	History: `{"model": "` + providertest.Model + `", "system": "Be brief.", "messages": [
		{"role": "user", "content": [{"type": "text", "text": "Hello"}]},
		{"role": "assistant", "content": [{"type": "text", "text": "Hi"}]},
		{"role": "user", "content": [{"type": "text", "text": "Who?"}]}]}`,
	Image: `{"model": "` + providertest.Model + `", "messages": [{"role": "user", "content": [
		{"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "cG5n"}}]}]}`,
	Reply: `{"input_tokens": 2095}`,
}
