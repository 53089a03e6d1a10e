package conversation

// Query is a parsed search: every term must be found in one message.
//
// The language, the same on every database:
//
//	word         the word, in any case, with or without its accents
//	"two words"  the words next to each other, in that order
//	pre*         any word that begins so
//	foo_bar      what is no letter and no digit separates words: a phrase
//
// Anything else (operators, %, brackets, a lone quote) is a separator and never
// an error. Ideographs and kana count as one word each, so a run of them is a
// phrase. A query without words finds nothing.
type Query struct {
	Terms []Term
}

// Term is a phrase of at least one folded word; Prefix makes its last word a
// prefix.
type Term struct {
	Words  []string
	Prefix bool
}
