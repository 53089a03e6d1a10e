package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/aichat-term/aichat/server/store"
	"github.com/aichat-term/aichat/server/vault"
	"github.com/aichat-term/aichat/server/vault/seal"
)

// keys is the vault of provider keys, and what keeps it up to date.
type keys struct {
	*vault.Vault
	ring *vault.Ring

	stop context.CancelFunc
	done sync.WaitGroup
}

// openKeys opens the vault. Where a master key is missing that seals keys in use,
// a server does not start (lenient: it is only said, and those keys are passed by).
func openKeys(ctx context.Context, c *Config, db *store.DB, log *slog.Logger, lenient bool) (*keys, error) {
	sealer, err := seal.New(ctx, c.sealing())
	if err != nil {
		err = fmt.Errorf("master_key: %w", err)
		if !lenient {
			return nil, err
		}
		log.WarnContext(ctx, "the master keys cannot be read: kept provider keys are not usable", "error", err)
	}
	k := &keys{ring: vault.NewRing(c.ring(db, sealer, log))}
	k.Vault = vault.New(k.ring, nil)
	missing, err := k.MissingMasters(ctx)
	if err != nil {
		return nil, err
	}
	if err := missingMasters(missing, sealer.Masters()); err != nil {
		if !lenient {
			return nil, err
		}
		log.WarnContext(ctx, "some kept provider keys cannot be read", "error", err)
	}
	return k, nil
}

// ring is what the vault's ring is made of. The owner of a local server is told what
// nobody else could see to, and a file is cheap to look at again.
func (c *Config) ring(db *store.DB, sealer *seal.Sealer, log *slog.Logger) vault.RingOptions {
	o := vault.RingOptions{Store: db.Keys(), Sealer: sealer, Logger: log}
	if c.ownMasterKey != "" {
		o.RereadEvery = ownRereadEvery
		o.Missing = func() string { return ownMissing(c.ownMasterKey, sealer.Trouble(), len(sealer.Masters()) > 0) }
	}
	return o
}

// ownRereadEvery is how often a local server looks for a master key that is not there.
const ownRereadEvery = time.Second

// ownMissing tells the owner of a local server what to do about a master key that is
// not in its file, or that cannot be read from there. Where others are in the file it
// must not be replaced: newer keys need them.
func ownMissing(file string, trouble error, others bool) string {
	switch {
	case trouble != nil:
		return fmt.Sprintf("The master key's file %s cannot be used: %v.", file, trouble)
	case others:
		return "The master key that seals it is not in " + file + ", which seals other keys: add the line of the lost file to it, from a copy, " +
			"or remove the key and add it again: aichat keys."
	}
	return "The master key that seals it is not in " + file + ": put that file back from a copy, or remove the key and add it again: aichat keys."
}

// missingMasters says which master keys have to be given back, and what to do where
// they are lost.
func missingMasters(missing []vault.MasterUse, there []string) error {
	if len(missing) == 0 {
		return nil
	}
	var which []string
	for _, u := range missing {
		which = append(which, fmt.Sprintf("%s (%d in use)", u.MasterKey, u.Enabled))
	}
	have := "there is none"
	if len(there) > 0 {
		have = "there is only " + strings.Join(there, ", ")
	}
	return fmt.Errorf(`provider keys are sealed by a master key that is missing: %s; %s. Give it back by AICHAT_SERVER_MASTER_KEY_FILE, AICHAT_SERVER_MASTER_KEY or AICHAT_SERVER_MASTER_KEY_COMMAND. If it is lost, so are those keys: see "aichat-server keys list --all", and disable or remove them`,
		strings.Join(which, ", "), have)
}

// sealing is where the master keys come from.
func (c *Config) sealing() seal.Options {
	switch {
	case c.ownMasterKey != "":
		return seal.Options{Source: seal.File(c.ownMasterKey), Make: func() error { return seal.MakeFile(c.ownMasterKey) }}
	case c.MasterKeyCommand != "":
		return seal.Options{Source: seal.Command(c.MasterKeyCommand)}
	case !c.MasterKey.Empty():
		return seal.Options{Source: func(context.Context) (string, error) {
			text, err := c.MasterKey.Reread()
			return text.Reveal(), err
		}}
	}
	return seal.Options{}
}

// checkMasterKey finds two sources where there may be one.
func (c *Config) checkMasterKey() error {
	if c.MasterKeyCommand != "" && !c.MasterKey.Empty() {
		return errors.New("master_key_command: master_key is set too: only one of them may be")
	}
	return nil
}

// masterKeySuffix is what a local server's own master key is called, beside its
// database.
const masterKeySuffix = ".master-key"

// notedEvery is how often what came of keys is written down, and other processes'
// changes are looked for.
const notedEvery = 2 * time.Second

// follow keeps the vault up to date until it is closed.
func (k *keys) follow(others bool) {
	ctx, cancel := context.WithCancel(context.Background())
	k.stop = cancel
	k.done.Go(func() { k.ring.Follow(ctx, notedEvery, others) })
}

func (k *keys) close() {
	if k.stop != nil {
		k.stop()
	}
	k.done.Wait()
}
