// Package openai speaks OpenAI's two dialects: Chat Completions, which many
// other vendors and local servers speak too, and Responses, which OpenAI's own
// address is spoken to in.
//
// Sources: the API reference at developers.openai.com/api/reference (chat
// streaming events, responses streaming events, error codes), and for what
// compatible servers do otherwise the documentation of OpenRouter, DeepSeek,
// vLLM, llama.cpp and Ollama. Where a rule covers such a difference, it stands
// beside the code: the token limit and the end of an answer in Flavour, the
// meaning of usage in chatUsage, error bodies in explain.
//
// openai imports the standard library, provider, fault, upstream and its own
// tokenizer, which counts prompts of OpenAI's models. Both
// dialects are one package because they share keys, errors and the list of
// models.
package openai
