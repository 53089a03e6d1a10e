package conversation_test

import (
	"testing"

	"github.com/aichat-term/aichat/server/conversation"
)

// The text parts are joined in their order, whatever stands between, and however
// many they are.
func TestPlainText(t *testing.T) {
	t.Parallel()
	part := func(kind conversation.PartType, text string) conversation.Part {
		return conversation.Part{Type: kind, Text: text}
	}
	for _, tc := range []struct {
		parts []conversation.Part
		want  string
	}{
		{nil, ""},
		{[]conversation.Part{part(conversation.Reasoning, "hm")}, ""},
		{[]conversation.Part{part(conversation.Text, "one")}, "one"},
		{[]conversation.Part{part(conversation.Text, ""), part(conversation.Text, "one"), part(conversation.Text, "")}, "one"},
		{[]conversation.Part{part(conversation.Text, "one "), part(conversation.Reasoning, "hm"), part(conversation.Text, "two "), part(conversation.Text, "three")}, "one two three"},
	} {
		if got := conversation.PlainText(tc.parts); got != tc.want {
			t.Errorf("%q, want %q", got, tc.want)
		}
	}
}
