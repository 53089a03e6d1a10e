package main

import (
	"context"
	"strings"

	"github.com/aichat-term/aichat/client"
)

// maxToken is how long a token may be, in bytes.
const maxToken = 4 << 10

// loginWithToken keeps a personal access token, if the server takes it.
func (p *program) loginWithToken(ctx context.Context, at remote, o loginOptions) error {
	if !p.in.given() {
		return usage("Say: aichat login --with-token < token.txt", "--with-token reads the token from stdin, and there is none.")
	}
	place, err := p.proveStorage(ctx, o)
	if err != nil {
		return err
	}
	text, err := readInput(ctx, p.in, maxToken, func() {
		_ = write(p.err, "aichat: waiting for the token from stdin, which is open but silent\n")
	})
	if err != nil {
		return err
	}
	token := strings.TrimSpace(string(text))
	if token == "" || len(text) > maxToken || strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return usage("It is one line, as aichat tokens create printed it.", "What stdin holds is no token.")
	}
	c, err := client.New(client.Options{BaseURL: at.url, Token: token})
	if err != nil {
		return err
	}
	defer c.Close()
	if _, err := c.Me(ctx); err != nil {
		if client.CodeOf(err) == "unauthenticated" {
			return &failure{status: exitSignIn, code: "unauthenticated", cause: err,
				message: at.url + " does not accept this token.", hint: "Make another: aichat tokens create"}
		}
		return err
	}
	return p.keep(ctx, at, client.Tokens{Access: token, Received: p.now()}, place, o)
}
