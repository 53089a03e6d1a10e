package markdown_test

import (
	"fmt"
	"strings"
)

// corpus are documents as models write them, and as they should not.
func corpus() map[string]string {
	long := func(n int, f string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, f, i+1)
		}
		return b.String()
	}
	return map[string]string{
		"empty":             "",
		"blank":             "\n\n  \n",
		"word":              "hello",
		"paragraphs":        "one two\nthree\n\nfour *five* `six`\n\n\nseven",
		"headings":          "# A\ntext\n## B\n\nC\n===\n\nD\n---\nE",
		"fence":             "before\n```go\nfunc f() {\n\n\treturn\n}\n```\nafter\n",
		"fence unclosed":    "x\n\n~~~python\nprint('a')\n\n# b",
		"fence in fence":    "````md\n```go\nx\n```\n````\nend",
		"fence indented":    "  ```\n  a\n    b\n  ```\n",
		"fence empty":       "```\n```\n\n```go\n",
		"fence longer":      "```\na\n`````\nb",
		"inline not fence":  "``` a`b ```\nx\n\ny",
		"list":              "- a\n- b\n\n  more\n\n- c\n\ntext\n",
		"list code":         "1. do\n\n   ```sh\n   ls\n\n   pwd\n   ```\n\n2. then\n```\nx\n```\n3. last",
		"list nested":       "* a\n  * b\n    1. c\n\n    2. d\n* e\n",
		"list lazy":         "- a\nlazy\n\nb",
		"list long":         "intro\n\n" + long(300, "%d. item with *some* words in it\n") + "\nend\n",
		"list bullets long": long(400, "- item %d\n  continued\n\n"),
		"list ones":         strings.Repeat("1. the same number each time\n", 300),
		"quote":             "> a\n> b\n\n> c\nlazy\n\n> - d\n>\n> e\n",
		"table":             "| a | b |\n|:--|--:|\n| 1 | `2|3` |\n| **4** | 5 |\n\ntext",
		"table wide":        "| column | other |\n|---|---|\n| " + strings.Repeat("word ", 40) + "| x |\n",
		"table long":        "| a | b |\n|---|---|\n" + strings.Repeat("| cell of the table | another |\n", 800) + "\nend",
		"rules":             "a\n\n---\n\n***\n\n* * *\n\nb",
		"html":              "<div>\n\nList<String> and <b>bold</b>\n\n</div>\n<!-- c -->",
		"references":        "see [a] and [b][a]\n\n- [c]\n\n[a]: https://example.com/a\n\n[c] again\n\n[c]: https://example.com/c 'title'\n",
		"links":             "[x](https://a.b) [y](javascript:alert) <https://c.d> https://e.f ![i](file:///etc)",
		"indented code":     "a\n\n    code\n\n    more\n\nb\n\n\tx\n",
		"wide":              "日本語の文章です。とても長いので折り返されます。\n\n- 項目 👩‍👩‍👧 e\u0301\n\nעברית وعربي",
		"crlf":              "a\r\n\r\n```\r\nb\r\n```\r\n\r\nc\r",
		"paragraph long":    strings.Repeat("word ", 8000),
		"paragraph lines":   strings.Repeat("a line of prose that goes on\n", 1500) + "\n# after\n",
		"code long":         "```go\n" + strings.Repeat("x := []string{\"a\"} // comment\n", 1000) + "```\nend",
		"code one line":     "```\n" + strings.Repeat("0123456789", 6000) + "\n```\nend",
		"emphasis":          "**bold\nover lines** and _under_ ~~gone~~ *\n\nstar * alone\n",
		"escapes":           "a\x1b[31mb\x1b]8;;file:///x\x07c\u009b2J &#27;[2J &amp;#x1b;[2J \u202eabc\n\n```\n\x1b[2J\n```\n",
		"tasks":             "- [ ] a\n- [x] b\n",
		"tabs":              "-\ta\n\n\tb\n\n1.\tc\n",
	}
}
