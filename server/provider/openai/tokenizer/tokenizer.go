package tokenizer

import (
	"context"
	"strings"
	"sync"

	"github.com/tiktoken-go/tokenizer/codec"
)

// longestPiece is how much text, in bytes, is counted between two looks at the
// context. It also bounds what the splitting of a text without words (a page of
// blanks) can cost, which grows with the square of its length.
const longestPiece = 4 << 10

// vocabulary is loaded with the first count and kept. It is safe for concurrent
// use.
var vocabulary = sync.OnceValue(codec.NewO200kBase)

// Count is how many tokens of o200k_base a text has. Names of special tokens in
// it are text as any other. Long texts are counted in pieces, which adds less than
// one token for each 4 KiB. It fails where ctx ends first.
func Count(ctx context.Context, text string) (int64, error) {
	var sum int64
	for text != "" {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		piece := text[:end(text)]
		text = text[len(piece):]
		n, err := vocabulary().Count(piece)
		if err != nil {
			return 0, err
		}
		sum += int64(n)
	}
	return sum, nil
}

// end is where the first piece of a text ends: before a blank, where most tokens
// begin, or else wherever it is long enough.
func end(text string) int {
	if len(text) <= longestPiece {
		return len(text)
	}
	if at := strings.LastIndexAny(text[:longestPiece], " \n"); at > 0 {
		return at
	}
	return longestPiece
}
