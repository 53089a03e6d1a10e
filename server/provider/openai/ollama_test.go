package openai_test

import (
	"testing"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/provider/openai"
)

func TestOllamaBaseURL(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]string{
		"":                           "http://127.0.0.1:11434/v1",
		"  ":                         "http://127.0.0.1:11434/v1",
		"localhost":                  "http://localhost:11434/v1",
		`"localhost"`:                "http://localhost:11434/v1",
		"gpu.lan":                    "http://gpu.lan:11434/v1",
		"gpu.lan:8080":               "http://gpu.lan:8080/v1",
		"gpu.lan:":                   "http://gpu.lan:11434/v1",
		":8080":                      "http://127.0.0.1:8080/v1",
		":":                          "http://127.0.0.1:11434/v1",
		"192.168.1.9":                "http://192.168.1.9:11434/v1",
		"0.0.0.0":                    "http://127.0.0.1:11434/v1",
		"0.0.0.0:8080":               "http://127.0.0.1:8080/v1",
		"http://0.0.0.0:11434":       "http://127.0.0.1:11434/v1",
		"::1":                        "http://[::1]:11434/v1",
		"[::1]":                      "http://[::1]:11434/v1",
		"[::1]:8080":                 "http://[::1]:8080/v1",
		"[::]:8080":                  "http://[::1]:8080/v1",
		"::":                         "http://[::1]:11434/v1",
		"http://gpu.lan:11434":       "http://gpu.lan:11434/v1",
		"http://gpu.lan:11434/":      "http://gpu.lan:11434/v1",
		"http://gpu.lan":             "http://gpu.lan/v1",
		"https://ollama.example":     "https://ollama.example/v1",
		"https://[2001:db8::1]":      "https://[2001:db8::1]/v1",
		"https://gw.example/ollama/": "https://gw.example/ollama/v1",
		"https://gw.example/o/v1":    "https://gw.example/o/v1",
		"gpu.lan/behind/a/proxy":     "http://gpu.lan:11434/behind/a/proxy/v1",
		"http://gpu.lan:11434/v1":    "http://gpu.lan:11434/v1",
	} {
		got, err := openai.OllamaBaseURL(host)
		if err != nil || got != want {
			t.Errorf("OllamaBaseURL(%q) = %q, %v; want %q", host, got, err, want)
		}
	}
	for _, host := range []string{
		"gpu.lan:0", "gpu.lan:65536", "gpu.lan:port", "ftp://gpu.lan", "http://user:word@gpu.lan",
		"http://gpu.lan?x=1", "http://gpu.lan#x", "two hosts", "http://[::1", "\x00",
	} {
		if got, err := openai.OllamaBaseURL(host); !fault.Is(err, fault.Invalid) {
			t.Errorf("OllamaBaseURL(%q) = %q, %v; want an invalid fault", host, got, err)
		}
	}
}
