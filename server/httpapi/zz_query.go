package httpapi

import "github.com/aichat-term/aichat/server/conversation"

func parseQuery(string) conversation.Query { return conversation.Query{} }
