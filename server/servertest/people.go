package servertest

import (
	"context"
	"testing"
	"time"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/signin"
)

// NewUser makes a user with a personal account, who has no way to sign in but
// what a test gives them.
func (s *Server) NewUser(tb testing.TB, name string) identity.User {
	tb.Helper()
	u := identity.User{
		ID: identity.UserID(conversation.NewID()), Account: identity.AccountID(conversation.NewID()),
		Name: name, CreatedAt: time.Now(),
	}
	check(tb, s.DB().Identities().CreateUser(context.Background(), u))
	return u
}

// NewToken makes a user and returns a token of theirs that allows everything.
func (s *Server) NewToken(tb testing.TB, name string) string {
	tb.Helper()
	text, _ := s.TokenOf(tb, s.NewUser(tb, name).ID, identity.AllScopes)
	return text
}

// TokenOf makes a token for a user and returns its text and its id.
func (s *Server) TokenOf(tb testing.TB, user identity.UserID, scopes identity.Scopes) (text, id string) {
	tb.Helper()
	text, id = identity.PersonalToken.New(), conversation.NewID()
	check(tb, s.DB().Identities().AddToken(context.Background(), identity.Token{
		ID: id, User: user, Name: "test", Scopes: scopes, Hash: identity.Hash(text), CreatedAt: time.Now(),
	}))
	return text, id
}

// Approve does what a person does on the page: it lets the program that shows
// the user code in, as the user.
func (s *Server) Approve(tb testing.TB, userCode string, user identity.UserID) {
	tb.Helper()
	s.decide(tb, userCode, user, true)
}

// Deny turns it down.
func (s *Server) Deny(tb testing.TB, userCode string, user identity.UserID) {
	tb.Helper()
	s.decide(tb, userCode, user, false)
}

func (s *Server) decide(tb testing.TB, userCode string, user identity.UserID, approve bool) {
	tb.Helper()
	code, ok := signin.ParseUserCode(userCode)
	if !ok {
		tb.Fatalf("%q is no user code", userCode)
	}
	_, err := s.Grants().Decide(context.Background(), code, user, approve, identity.Seen{Address: "127.0.0.1", Client: "a browser"})
	check(tb, err)
}

// SignIn signs a program in as the user, and returns its session's tokens.
func (s *Server) SignIn(tb testing.TB, user identity.UserID, device string) signin.Grant {
	tb.Helper()
	ctx, from := context.Background(), identity.Seen{Address: "127.0.0.1", Client: "aichat test"}
	codes, err := s.Grants().BeginDevice(ctx, signin.DeviceRequest{Client: wire.ClientID, Name: device, Version: from.Client, Address: from.Address})
	check(tb, err)
	s.Approve(tb, codes.UserCode.Shown(), user)
	answer, err := s.Grants().Poll(ctx, wire.ClientID, codes.DeviceCode, from)
	check(tb, err)
	if answer.Standing != signin.LetIn {
		tb.Fatalf("the program was not let in: %d", answer.Standing)
	}
	return answer.Grant
}
