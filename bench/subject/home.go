package subject

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Programs are the paths of what is measured.
type Programs struct {
	Client string // aichat
	Server string // aichat-server
}

// FindPrograms looks for both programs in a folder.
func FindPrograms(dir string) (Programs, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return Programs{}, err
	}
	p := Programs{Client: filepath.Join(dir, "aichat"), Server: filepath.Join(dir, "aichat-server")}
	for _, path := range []string{p.Client, p.Server} {
		if _, err := os.Stat(path); err != nil {
			return Programs{}, fmt.Errorf("subject: %s is not built: run make build", path)
		}
	}
	return p, nil
}

// Home is an empty home directory, with all that programs look for in one.
type Home struct {
	Dir string

	// Extra is added to the environment of what runs in it: NAME=value.
	Extra []string
}

// NewHome makes a Home with a short path: a Unix socket's holds 100 bytes.
func NewHome() (*Home, error) {
	dir, err := os.MkdirTemp("/tmp", "aichat-bench.")
	if err != nil {
		return nil, err
	}
	h := &Home{Dir: dir}
	if err := os.Mkdir(h.runtime(), 0o700); err != nil {
		return nil, err
	}
	return h, nil
}

// Remove deletes it with everything in it.
func (h *Home) Remove() error { return os.RemoveAll(h.Dir) }

func (h *Home) runtime() string { return filepath.Join(h.Dir, "run") }

// Env is the whole environment of what runs in the home: nothing of the
// caller's, such as provider keys, is in it.
func (h *Home) Env() []string {
	return append([]string{
		"PATH=" + os.Getenv("PATH"),
		"HOME=" + h.Dir,
		"XDG_RUNTIME_DIR=" + h.runtime(),
		"XDG_CONFIG_HOME=" + filepath.Join(h.Dir, "config"),
		"XDG_DATA_HOME=" + filepath.Join(h.Dir, "data"),
		"XDG_STATE_HOME=" + filepath.Join(h.Dir, "state"),
		"XDG_CACHE_HOME=" + filepath.Join(h.Dir, "cache"),
		"TERM=xterm-256color",
		"COLORTERM=truecolor",
		"LANG=C.UTF-8",
	}, h.Extra...)
}

// OpenAI makes the programs in the home ask a stub provider at url.
func (h *Home) OpenAI(url string) {
	h.Extra = append(h.Extra, "OPENAI_API_KEY=bench", "OPENAI_BASE_URL="+strings.TrimSuffix(url, "/")+"/v1")
}

// Command is a program that will run in the home.
func (h *Home) Command(path string, args ...string) *exec.Cmd {
	cmd := exec.Command(path, args...)
	cmd.Env = h.Env()
	cmd.Dir = h.Dir
	return cmd
}
