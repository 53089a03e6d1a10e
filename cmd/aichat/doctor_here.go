package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/aichat-term/aichat/client/config"
	"github.com/aichat-term/aichat/client/local"
	"github.com/aichat-term/aichat/client/version"
	"github.com/aichat-term/aichat/client/wire"
)

// examineProgram looks at this program, and for another of its name.
func (p *program) examineProgram() []finding {
	self, err := os.Executable()
	if err != nil {
		self = "(unknown path)"
	}
	found := []finding{{
		Check: "aichat", Verdict: fine,
		Detail: fmt.Sprintf("%s, %s/%s, %s", version.String(), runtime.GOOS, runtime.GOARCH, self),
	}}
	if other := earlier(p.env.get("PATH"), self); other != "" {
		found = append(found, finding{
			Check: "PATH", Verdict: worry,
			Detail: fmt.Sprintf("another aichat comes first on PATH: %s", other),
			Hint:   fmt.Sprintf("put %s before it, or call this one by its path", filepath.Dir(self)),
		})
	}
	return found
}

// earlier is the program named aichat that PATH leads to, if it is not this one.
func earlier(path, self string) string {
	me, err := os.Stat(self)
	if err != nil {
		return ""
	}
	name := "aichat"
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	for _, dir := range filepath.SplitList(path) {
		candidate := filepath.Join(dir, name)
		info, err := os.Stat(candidate)
		if err != nil || info.IsDir() || runtime.GOOS != "windows" && info.Mode()&0o111 == 0 {
			continue
		}
		if os.SameFile(me, info) {
			return ""
		}
		return candidate
	}
	return ""
}

// examineConfig looks at the configuration, and at what another program's
// variable of a similar name may have been meant for.
func (p *program) examineConfig() []finding {
	var found []finding
	dirs, err := p.lenders.dirs()
	if err != nil {
		return []finding{{Check: "folders", Verdict: bad, Detail: err.Error()}}
	}
	file := filepath.Join(dirs.Config, config.FileName)
	_, loaded, err := p.lenders.config()
	if err != nil {
		return append(found, finding{Check: "configuration", Verdict: bad, Detail: err.Error(), Hint: "correct " + file})
	}
	detail := file
	if _, err := os.Stat(file); err != nil {
		detail += " (not there: defaults)"
	}
	found = append(found, finding{Check: "configuration", Verdict: fine, Detail: detail})
	for _, w := range loaded.Warnings {
		found = append(found, finding{Check: "configuration", Verdict: worry, Detail: w})
	}
	if p.env.get("AICHAT_MODEL") != "" {
		found = append(found, finding{
			Check: "environment", Verdict: worry, Detail: "AICHAT_MODEL is another program's variable and is not read",
			Hint: "ours is AICHAT_CHAT_MODEL",
		})
	}
	return found
}

// examinePlaces looks at the folders that are written to.
func (p *program) examinePlaces() []finding {
	dirs, err := p.lenders.dirs()
	if err != nil {
		return nil // said already
	}
	var found []finding
	for _, place := range places(dirs)[2:] {
		found = append(found, examinePlace(place[0], place[1]))
	}
	if target, err := p.lenders.target(); err != nil || !target.Local {
		return found
	}
	paths, err := local.NewPaths(dirs)
	if err != nil {
		return append(found, finding{Check: "socket", Verdict: bad, Detail: err.Error()})
	}
	return append(found, finding{Check: "socket", Verdict: fine, Detail: paths.Socket})
}

func examinePlace(name, dir string) finding {
	f := finding{Check: name + " folder", Verdict: fine, Detail: dir}
	info, err := os.Stat(dir)
	switch {
	case os.IsNotExist(err):
		f.Detail += " (not there yet)"
	case err != nil:
		f.Verdict, f.Detail = bad, unwrapPath(err).Error()+": "+dir
	case !info.IsDir():
		f.Verdict, f.Detail, f.Hint = bad, dir+" is not a folder", "move it away"
	case !writable(dir):
		f.Verdict, f.Detail, f.Hint = bad, dir+" cannot be written", "its owner must be you: see ls -ld "+dir
	case runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0:
		f.Verdict, f.Detail = worry, fmt.Sprintf("%s can be read by others (%s)", dir, info.Mode().Perm())
		f.Hint = "chmod 700 " + dir
	}
	return f
}

// writable tries it: permissions alone do not tell.
func writable(dir string) bool {
	temp, err := os.CreateTemp(dir, ".aichat-doctor-*")
	if err != nil {
		return false
	}
	_ = temp.Close()           // nothing was written
	_ = os.Remove(temp.Name()) // an empty file that stays does no harm
	return true
}

// examineKeys names the providers' variables that are set, without a value.
func (p *program) examineKeys() finding {
	target, err := p.lenders.target()
	var set []string
	for _, name := range wire.ProviderVariables {
		if p.env.get(name) != "" {
			set = append(set, name)
		}
	}
	if len(set) == 0 {
		return finding{Check: "provider variables", Verdict: fine, Detail: "none set in this terminal"}
	}
	detail := strings.Join(set, ", ") + " (values not shown)"
	if err == nil && !target.Local {
		detail += "; not sent to this server"
	}
	return finding{Check: "provider variables", Verdict: fine, Detail: detail}
}

// serverProgram is the path of aichat-server, beside this program or on PATH.
func serverProgram() (string, bool) {
	name := "aichat-server"
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	if self, err := os.Executable(); err == nil {
		beside := filepath.Join(filepath.Dir(self), name)
		if info, err := os.Stat(beside); err == nil && info.Mode().IsRegular() {
			return beside, true
		}
	}
	path, err := exec.LookPath(name)
	return path, err == nil
}
