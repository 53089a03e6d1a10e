// Package tokenizer counts the tokens of texts as OpenAI's models do, by their
// vocabulary o200k_base.
//
// The vocabulary is some megabytes of the program and more of memory, and is made
// ready with the first count: whoever needs none pays nothing. So it stands apart
// from openai, and nothing but openai imports it.
//
// It imports the standard library and the tokenizer's module.
package tokenizer
