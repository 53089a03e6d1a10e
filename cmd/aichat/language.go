package main

import (
	"path/filepath"
	"strings"
)

// language is the info string of a fenced block that holds the named file: what
// highlighters and models know the language by. Empty: unknown.
func language(name string) string {
	switch base := strings.ToLower(filepath.Base(name)); base {
	case "makefile", "gnumakefile":
		return "make"
	case "dockerfile", "containerfile":
		return "dockerfile"
	case "go.mod", "go.sum":
		return "go"
	}
	ext := strings.TrimPrefix(strings.ToLower(filepath.Ext(name)), ".")
	switch ext {
	case "py", "pyi":
		return "python"
	case "js", "mjs", "cjs":
		return "javascript"
	case "ts", "mts", "cts":
		return "typescript"
	case "rs":
		return "rust"
	case "rb":
		return "ruby"
	case "sh", "bash", "zsh":
		return "sh"
	case "yml":
		return "yaml"
	case "md", "markdown":
		return "markdown"
	case "h", "c":
		return "c"
	case "cc", "cpp", "cxx", "hpp", "hh":
		return "cpp"
	case "cs":
		return "csharp"
	case "kt", "kts":
		return "kotlin"
	case "ps1":
		return "powershell"
	case "htm":
		return "html"
	case "pl", "pm":
		return "perl"
	case "ex", "exs":
		return "elixir"
	case "hs":
		return "haskell"
	case "tf":
		return "hcl"
	case "patch":
		return "diff"
	case "go", "java", "json", "jsonl", "jsx", "tsx", "toml", "yaml", "xml", "html", "css", "scss", "sql", "lua", "php",
		"swift", "scala", "r", "diff", "csv", "ini", "proto", "graphql", "vue", "svelte", "dart", "zig", "nix", "tex",
		"fish", "vim", "make", "cmake", "awk", "hcl", "erl", "clj", "ml":
		return ext
	default:
		return ""
	}
}
