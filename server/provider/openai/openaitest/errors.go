package openaitest

import (
	"time"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/provider/providertest"
)

// refusals are OpenAI's own, of both dialects.
var refusals = []providertest.Refusal{
	{
		Name: "invalid key", Status: 401, Want: fault.ProviderAuth,
		Body: `{"error":{"message":"Incorrect API key provided: sk-ab***yz.","type":"invalid_request_error","param":null,"code":"invalid_api_key"}}`,
		Says: "openai refused its key",
	},
	{
		Name: "no credit, under the status of a rate limit", Status: 429, Want: fault.ProviderQuota,
		Body: `{"error":{"message":"You exceeded your current quota.","type":"insufficient_quota","param":null,"code":"insufficient_quota"}}`,
		Says: "You exceeded your current quota.",
	},
	{
		Name: "rate limit with a header", Status: 429, Header: map[string]string{"Retry-After": "7"}, Want: fault.ProviderRateLimited,
		Body: `{"error":{"message":"Rate limit reached for requests.","type":"requests","param":null,"code":"rate_limit_exceeded"}}`,
		Says: "Rate limit reached", RetryAfter: 7 * time.Second,
	},
	{
		Name: "rate limit with a sentence", Status: 429, Want: fault.ProviderRateLimited,
		Body: `{"error":{"message":"Rate limit reached on tokens per min. Please try again in 1m2.5s. See the limits page.","type":"tokens","param":null,"code":"rate_limit_exceeded"}}`,
		Says: "tokens per min", RetryAfter: 62*time.Second + 500*time.Millisecond,
	},
	{
		Name: "rate limit with an odd sentence", Status: 429, Want: fault.ProviderRateLimited,
		Body: `{"error":{"message":"Please try again in a while.","type":"tokens","code":"rate_limit_exceeded"}}`,
	},
	{
		Name: "unknown model", Status: 404, Want: fault.ModelUnknown,
		Body: `{"error":{"message":"The model 'gpt-99' does not exist or you do not have access to it.","type":"invalid_request_error","param":null,"code":"model_not_found"}}`,
		Says: "gpt-99",
	},
	{
		Name: "prompt too long", Status: 400, Want: fault.ContextTooLong,
		Body: `{"error":{"message":"This model's maximum context length is 128000 tokens.","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}}`,
		Says: "128000",
	},
	{
		Name: "wrong parameter", Status: 400, Want: fault.ProviderRefused,
		Body: `{"error":{"message":"Unsupported value: 'temperature'.","type":"invalid_request_error","param":"temperature","code":"unsupported_value"}}`,
		Says: "temperature",
	},
	{
		Name: "their fault", Status: 500, Want: fault.ProviderOverloaded,
		Body: `{"error":{"message":"The server had an error while processing your request.","type":"server_error","param":null,"code":null}}`,
		Says: "had an error",
	},
	{
		Name: "slow down", Status: 503, Want: fault.ProviderOverloaded,
		Body: `{"error":{"message":"Slow down.","type":"service_unavailable","param":null,"code":"slow_down"}}`,
	},
	{
		Name: "country", Status: 403, Want: fault.ProviderAuth,
		Body: `{"error":{"message":"Country, region, or territory not supported","type":"request_forbidden","param":null,"code":"unsupported_country_region_territory"}}`,
		Says: "territory not supported",
	},
}

// compatibleRefusals are those of other servers that speak the dialect.
var compatibleRefusals = []providertest.Refusal{
	{
		Name: "Ollama: unknown model", Status: 404, Want: fault.ModelUnknown, Says: "try pulling it first",
		Body: `{"error":{"message":"model \"nope\" not found, try pulling it first","type":"not_found_error","param":null,"code":null}}`,
	},
	{Name: "Ollama: a sentence", Status: 400, Want: fault.ProviderRefused, Says: "does not support tools", Body: `{"error":"llama2 does not support tools"}`},
	{
		Name: "vLLM: unknown model", Status: 404, Want: fault.ModelUnknown, Says: "does not exist",
		Body: `{"object":"error","message":"The model nope does not exist.","type":"NotFoundError","param":null,"code":404}`,
	},
	{
		Name: "vLLM: too long", Status: 400, Want: fault.ContextTooLong, Says: "4096",
		Body: `{"error":{"message":"This model's maximum context length is 4096 tokens.","type":"BadRequestError","param":null,"code":400}}`,
	},
	{
		Name: "llama.cpp: too long", Status: 400, Want: fault.ContextTooLong,
		Body: `{"error":{"code":400,"message":"the request exceeds the available context size","type":"exceed_context_size_error","n_prompt_tokens":9000,"n_ctx":4096}}`,
	},
	{
		Name: "llama.cpp: loading", Status: 503, Want: fault.ProviderOverloaded, Says: "Loading model",
		Body: `{"error":{"code":503,"message":"Loading model","type":"unavailable_error"}}`,
	},
	{
		Name: "OpenRouter: unknown model", Status: 400, Want: fault.ModelUnknown,
		Body: `{"error":{"message":"a/b is not a valid model ID","code":400},"user_id":"u_1"}`,
	},
	{
		Name: "OpenRouter: no credit", Status: 402, Want: fault.ProviderQuota, Says: "more credits",
		Body: `{"error":{"message":"This request requires more credits.","code":402}}`,
	},
	{
		Name: "DeepSeek: no balance", Status: 402, Want: fault.ProviderQuota,
		Body: `{"error":{"message":"Insufficient Balance","type":"unknown_error","param":null,"code":"invalid_request_error"}}`,
	},
	{
		Name: "Gemini: in a list", Status: 429, Want: fault.ProviderRateLimited, Says: "exhausted",
		Body: `[{"error":{"code":429,"message":"Resource has been exhausted.","status":"RESOURCE_EXHAUSTED"}}]`,
	},
	{Name: "FastAPI: a sentence", Status: 401, Want: fault.ProviderAuth, Body: `{"detail":"Not authenticated"}`},
	{
		Name: "FastAPI: findings", Status: 422, Want: fault.ProviderRefused, Says: "field required",
		Body: `{"detail":[{"loc":["body","model"],"msg":"field required","type":"value_error.missing"}]}`,
	},
	{Name: "a JSON string", Status: 400, Want: fault.ProviderRefused, Says: "no such deployment", Body: `"no such deployment"`},
	{Name: "plain text", Status: 503, Want: fault.ProviderOverloaded, Says: "upstream is asleep", Body: "upstream is asleep\n"},
}

var chatErrors = []providertest.StreamError{
	{
		Name: "an error object", Want: fault.ProviderOverloaded,
		Frames: []providertest.Frame{{Data: `{"error":{"message":"The server had an error.","type":"server_error","param":null,"code":null}}`}},
	},
	{
		Name: "a named event", Want: fault.ProviderFailed,
		Frames: []providertest.Frame{{Name: "error", Data: `{"error":{"message":"Something happened.","type":"odd","code":null}}`}},
	},
	{
		Name: "no credit", Want: fault.ProviderQuota,
		Frames: []providertest.Frame{{Data: `{"error":{"message":"You ran out.","type":"insufficient_quota","code":"insufficient_quota"}}`}},
	},
}

var compatibleErrors = []providertest.StreamError{
	{
		Name: "OpenRouter: at the top", Want: fault.ProviderOverloaded,
		Frames: []providertest.Frame{{Data: `{"id":"gen-1","object":"chat.completion.chunk","error":{"code":502,"message":"Provider disconnected"},"choices":[{"index":0,"delta":{"content":""},"finish_reason":"error"}]}`}},
	},
	{
		Name: "OpenRouter: in the choice", Want: fault.ProviderRateLimited,
		Frames: []providertest.Frame{{Data: `{"id":"gen-1","choices":[{"index":0,"delta":{"content":""},"finish_reason":"error","error":{"code":429,"message":"Slow down"}}]}`}},
	},
	{
		Name: "OpenRouter: nothing but the word", Want: fault.ProviderFailed,
		Frames: []providertest.Frame{{Data: `{"id":"gen-1","choices":[{"index":0,"delta":{},"finish_reason":"error"}]}`}},
	},
	{
		Name: "vLLM", Want: fault.ProviderRefused,
		Frames: []providertest.Frame{{Data: `{"error":{"object":"error","message":"Bad things","type":"BadRequestError","param":null,"code":400}}`}, {Data: "[DONE]"}},
	},
	{
		Name: "vLLM, older", Want: fault.ProviderOverloaded,
		Frames: []providertest.Frame{{Data: `{"object":"error","message":"Engine died","type":"InternalServerError","param":null,"code":500}`}, {Data: "[DONE]"}},
	},
	{
		Name: "Ollama", Want: fault.ProviderFailed,
		Frames: []providertest.Frame{{Data: `{"error":"llama runner process has terminated"}`}},
	},
	{
		Name: "llama.cpp", Want: fault.ContextTooLong,
		Frames: []providertest.Frame{{Data: `{"error":{"code":400,"message":"the request exceeds the available context size","type":"exceed_context_size_error"}}`}},
	},
	{
		Name: "DeepSeek: out of capacity", Want: fault.ProviderOverloaded,
		Frames: []providertest.Frame{{Data: `{"choices":[{"index":0,"delta":{"content":""},"finish_reason":"insufficient_system_resource"}]}`}, {Data: "[DONE]"}},
	},
	{
		Name: "[DONE] and no finish_reason", Want: fault.ProviderTruncated,
		Frames: []providertest.Frame{{Data: "[DONE]"}},
	},
}

var responsesErrors = []providertest.StreamError{
	{
		Name: "an error event", Want: fault.ProviderOverloaded,
		Frames: []providertest.Frame{{Name: "error", Data: `{"type":"error","code":"server_error","message":"The server had an error.","param":null,"sequence_number":4}`}},
	},
	{
		Name: "an error event with an object", Want: fault.ProviderRateLimited,
		Frames: []providertest.Frame{{Name: "error", Data: `{"type":"error","sequence_number":4,"error":{"type":"tokens","code":"rate_limit_exceeded","message":"Too fast.","param":null}}`}},
	},
	{
		Name: "an error without a name or type", Want: fault.ProviderQuota,
		Frames: []providertest.Frame{{Data: `{"error":{"message":"You ran out.","code":"insufficient_quota"}}`}},
	},
	{
		Name: "failed", Want: fault.ProviderOverloaded,
		Frames: []providertest.Frame{{Name: "response.failed", Data: `{"type":"response.failed","response":{"id":"resp_1","status":"failed","error":{"code":"server_error","message":"The model failed."},"usage":null}}`}},
	},
	{
		Name: "failed: too long", Want: fault.ContextTooLong,
		Frames: []providertest.Frame{{Name: "response.failed", Data: `{"type":"response.failed","response":{"status":"failed","error":{"code":"context_length_exceeded","message":"Your input exceeds the context window of this model."}}}`}},
	},
	{
		Name: "failed for no reason", Want: fault.ProviderFailed,
		Frames: []providertest.Frame{{Name: "response.failed", Data: `{"type":"response.failed","response":{"status":"failed","error":null}}`}},
	},
	{
		Name: "completed with nothing", Want: fault.ProviderMalformed,
		Frames: []providertest.Frame{{Name: "response.completed", Data: `{"type":"response.completed"}`}},
	},
	{
		Name: "arguments of no call", Want: fault.ProviderMalformed,
		Frames: []providertest.Frame{{Name: "response.function_call_arguments.delta", Data: `{"output_index":7,"delta":"{}"}`}},
	},
}
