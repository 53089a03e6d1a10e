package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/aichat-term/aichat/server/vault/seal"
)

func newKeysMaster() *cobra.Command {
	var to string
	var asJSON bool
	cmd := &cobra.Command{
		Use: "master", Short: "Make a new master key, which seals the others", Args: wrongArgs(cobra.NoArgs),
		Long: `master prints a new master key, or with --to adds it to a file that only you can
read: the last one in a file seals, all of them open. The server is told of it
by AICHAT_SERVER_MASTER_KEY_FILE, or by AICHAT_SERVER_MASTER_KEY_COMMAND, which
may ask a secret manager.

Whoever has the master key and the database has all keys: keep it apart from the
database's backups, and keep a copy. Without it every key must be added again.`,
		Example: "  aichat-server keys master --to /etc/aichat/master.key",
		RunE:    func(cmd *cobra.Command, _ []string) error { return makeMaster(cmd, to, asJSON) },
	}
	cmd.Flags().StringVar(&to, "to", "", "add it to this `file` instead of printing it")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print its id as JSON, and the key itself unless --to is given")
	return cmd
}

// shownMaster is a new master key as --json prints it.
type shownMaster struct {
	ID   string `json:"id"`
	Key  string `json:"master_key,omitempty"`
	File string `json:"file,omitempty"`
}

func makeMaster(cmd *cobra.Command, to string, asJSON bool) error {
	key := seal.NewMaster()
	id, err := seal.MasterID(key)
	if err != nil {
		return err
	}
	m := shownMaster{ID: id, Key: key}
	if to != "" {
		if err := addLine(to, key); err != nil {
			return err
		}
		m.Key, m.File = "", to
	}
	switch {
	case asJSON:
		return printJSON(cmd.OutOrStdout(), m)
	case to == "":
		_, err := fmt.Fprintln(cmd.OutOrStdout(), key)
		return err
	}
	note(cmd, "Name the file by AICHAT_SERVER_MASTER_KEY_FILE. Where a server runs with it already: aichat-server keys rotate")
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "added the master key %s to %s\n", id, to)
	return err
}

// addLine adds a line to a file of secrets, which it makes if there is none.
func addLine(path, line string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	last := []byte{'\n'}
	if info, err := f.Stat(); err == nil && info.Size() > 0 {
		if _, err := f.ReadAt(last, info.Size()-1); err != nil {
			return errors.Join(err, f.Close())
		}
	}
	if last[0] != '\n' {
		line = "\n" + line
	}
	_, err = f.WriteString(line + "\n")
	return errors.Join(err, f.Sync(), f.Close())
}

// mostTyped bounds what is read as a key, in bytes.
const mostTyped = 64 << 10

// typedSecret asks for a secret without an echo, or reads it from stdin where
// nobody sits there.
func typedSecret(cmd *cobra.Command, question string) (string, error) {
	in, ok := cmd.InOrStdin().(*os.File)
	if !ok || !isTerminal(in) {
		text, err := io.ReadAll(io.LimitReader(cmd.InOrStdin(), mostTyped))
		return strings.TrimSpace(string(text)), err
	}
	_, _ = io.WriteString(cmd.ErrOrStderr(), question) // what is typed counts, not the question
	text, err := unechoed(cmd.Context(), int(in.Fd()))
	_, _ = io.WriteString(cmd.ErrOrStderr(), "\n")
	return strings.TrimSpace(text), err
}

// unechoed reads a line from a terminal that does not show it. Given up, the
// terminal shows again what is typed.
func unechoed(ctx context.Context, fd int) (string, error) {
	before, err := term.GetState(fd)
	if err != nil {
		return "", err
	}
	type line struct {
		text []byte
		err  error
	}
	read := make(chan line, 1)
	go func() {
		text, err := term.ReadPassword(fd)
		read <- line{text, err}
	}()
	select {
	case <-ctx.Done():
		return "", errors.Join(context.Cause(ctx), term.Restore(fd, before))
	case l := <-read:
		return string(l.text), l.err
	}
}
