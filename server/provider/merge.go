package provider

import (
	"slices"
	"strings"
)

// Merge adds what providers say they offer to what is listed: the listed models
// first and as they are, then the live ones in their own order. A live model is
// left out where it is there already, by its name or as a dated snapshot of a
// listed one, and where its name says that it does not chat; see Chats. What is
// listed is never left out: a provider's list may be partial, an operator's
// word is not.
func Merge(listed, live []Model) []Model {
	merged := slices.Clone(listed)
	seen := make(map[string]bool, len(listed)+len(live))
	for _, m := range listed {
		seen[m.ID()] = true
	}
	for _, m := range live {
		if seen[m.ID()] || seen[m.Provider+"/"+withoutDate(m.Name)] || !Chats(m.Name) {
			continue
		}
		seen[m.ID()] = true
		merged = append(merged, m)
	}
	return merged
}

// otherTrades are the words in a model's name that say it does something else
// than chat.
var otherTrades = map[string]bool{
	"embed": true, "embedding": true, "embeddings": true, "rerank": true, "reranker": true,
	"tts": true, "speech": true, "voice": true, "audio": true, "music": true, "lyria": true,
	"whisper": true, "transcribe": true, "transcription": true, "asr": true, "stt": true,
	"dall": true, "image": true, "images": true, "imagen": true,
	"video": true, "veo": true, "sora": true,
	"moderation": true, "realtime": true, "live": true, "translate": true,
	"davinci": true, "babbage": true, "aqa": true, "robotics": true,
}

// Chats guesses from a model's name whether it answers in text, because the
// vendors' lists do not say. The rule: the name, cut at every character that is
// neither a letter nor a digit, holds no word of another trade (embedding,
// speech, transcription, image, video, moderation, realtime, and the like), nor
// one that begins with embed. A wrong guess hides a model from lists only:
// provider/name still reaches it.
func Chats(name string) bool {
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	})
	return !slices.ContainsFunc(words, func(word string) bool {
		return otherTrades[word] || strings.HasPrefix(word, "embed")
	})
}
