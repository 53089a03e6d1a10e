package main

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/aichat-term/aichat/client"
	"github.com/aichat-term/aichat/client/wire"
)

// pending is a sign-in between --start and --finish. It holds the device code,
// which is as good as the sign-in once that is approved: the file is the owner's
// alone.
type pending struct {
	Profile   string           `json:"profile"`
	URL       string           `json:"url"`
	Origin    string           `json:"origin"`
	Endpoints client.Endpoints `json:"endpoints"`
	Code      wire.DeviceCode  `json:"code"`
	Begun     time.Time        `json:"begun_at"`
}

func (p *program) pendingPath() (string, error) {
	dirs, err := p.lenders.dirs()
	if err != nil {
		return "", err
	}
	return filepath.Join(dirs.State, "login.json"), nil
}

// startLogin shows page and code and keeps what --finish needs.
func (p *program) startLogin(at remote, d *client.Device, e client.Endpoints, o loginOptions) error {
	path, err := p.pendingPath()
	if err != nil {
		return err
	}
	b, err := json.Marshal(pending{at.profile, at.url, at.origin, e, d.DeviceCode, p.now()})
	if err == nil {
		err = os.MkdirAll(filepath.Dir(path), 0o700)
	}
	if err == nil {
		err = replaceFile(path, b)
	}
	if err != nil {
		return failed(err, "The sign-in that was begun could not be kept in %s.", path)
	}
	const next = "aichat login --finish"
	if o.json {
		event := codeOf(at, d)
		event.Next = next + " --json"
		return p.printLine(event)
	}
	s := p.screen()
	p.showCode(s, d, o)
	s.say("When you have allowed it, type: %s", next)
	return nil
}

// finishLogin waits for the approval of what --start began.
func (p *program) finishLogin(ctx context.Context, o loginOptions) error {
	path, err := p.pendingPath()
	if err != nil {
		return err
	}
	w, err := readPending(path)
	if err != nil {
		return err
	}
	at := remote{profile: w.Profile, url: w.URL, origin: w.Origin}
	authority, err := client.NewAuthority(client.AuthorityOptions{BaseURL: w.URL}, w.Endpoints)
	if err != nil {
		return err
	}
	defer authority.Close()
	place, err := p.proveStorage(ctx, o)
	if err != nil {
		return err
	}
	life := time.Duration(w.Code.ExpiresIn) * time.Second
	// A clock that was set meanwhile makes it neither older nor younger than it
	// can be; the server knows.
	device, err := authority.ResumeDevice(w.Code, life-min(max(p.now().Sub(w.Begun), 0), life))
	if err != nil {
		return err
	}
	tokens, err := device.Wait(ctx, nil)
	if err == nil || client.OAuthCode(err) != "" {
		_ = os.Remove(path) // what is over is of no use to anybody
	}
	if err != nil {
		return err
	}
	return p.keep(ctx, at, tokens, place, o)
}

func readPending(path string) (pending, error) {
	var w pending
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return w, usage("Begin with: aichat login --start URL", "There is no sign-in to finish.")
	}
	if err != nil {
		return w, failed(err, "%s cannot be read.", path)
	}
	if json.Unmarshal(b, &w) != nil {
		return w, usage("Begin again: aichat login --start URL", "%s cannot be understood.", path)
	}
	return w, nil
}

// replaceFile writes a file of the owner's alone, in one step.
func replaceFile(path string, b []byte) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*") // mode 0600
	if err != nil {
		return err
	}
	_, err = tmp.Write(b)
	if err = errors.Join(err, tmp.Close()); err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		_ = os.Remove(tmp.Name())
	}
	return err
}
