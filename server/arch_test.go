package server_test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The rules of who may import whom. A rule stands for a package and what is
// below it, unless a longer rule matches; each package of the module falls under
// exactly one. "std" is the standard library.
const module = "github.com/aichat-term/aichat/"

// rule says what a package may import, besides packages of its own folder.
type rule struct {
	pkg string
	may []string
}

// Libraries that several rules name.
const (
	uuidLib  = "github.com/google/uuid"
	textLib  = "golang.org/x/text/..."
	cobraLib = "github.com/spf13/cobra"
	pflagLib = "github.com/spf13/pflag"
)

var rules = []rule{
	// What both halves share.
	{"client/wire", []string{"std"}},
	{"client/version", []string{"std"}},
	{"client/when", []string{"std"}},
	{"client/setting", []string{"std", "github.com/pelletier/go-toml/v2/..."}},

	// The leaf, the nouns and the verbs: each what stands below it.
	{"server/fault", []string{"std"}},
	{"server/shallow", []string{"std"}},
	{"server/detach", []string{"std"}},
	{"server/logtest", []string{"std"}},
	{"server/vault", []string{"std", "server/fault", "server/identity"}},
	{"server/identity", []string{"std", "server/fault", uuidLib, textLib}},
	{"server/conversation", []string{"std", "server/fault", "server/identity", uuidLib, textLib}},
	{"server/provider", []string{"std", "server/fault", "server/identity", "server/vault"}},
	{"server/mail", []string{"std", "server/fault", "golang.org/x/net/idna"}},
	{"server/mail/smtp", []string{"std", "server/fault", "server/mail", "github.com/wneessen/go-mail/..."}},
	{"server/mail/resend", []string{"std", "server/fault", "server/mail", "github.com/resend/resend-go/v3"}},
	{"server/mail/logged", []string{"std", "server/mail"}},
	{"server/signin", []string{"std", "server/fault", "server/identity", "server/mail", uuidLib}},
	{"server/usage", []string{"std", "server/fault", "server/identity", "server/provider"}},
	{"server/quota", []string{"std", "server/fault", "server/identity", "server/provider", "server/usage", "github.com/pelletier/go-toml/v2/..."}},
	{"server/quota/redis", []string{"std", "server/fault", "server/identity", "server/quota", "server/quota/quotatest", "server/visitor", "server/visitor/visitortest", uuidLib, "github.com/redis/rueidis"}},
	{"server/generate", []string{"std", "server/fault", "server/shallow", "server/identity", "server/provider", "server/usage", uuidLib}},
	{"server/turn", []string{"std", "server/fault", "server/identity", "server/conversation", "server/provider", "server/quota", "server/usage", "server/generate"}},
	{"server/job", []string{"std", "server/fault", "server/mail", "github.com/riverqueue/river/..."}},

	{"server/vault/seal", []string{"std", "server/fault", "server/vault", "github.com/tink-crypto/tink-go/v2/..."}},

	// Edges: the vendors know provider and what they share, never one another.
	{"server/provider/upstream", []string{"std", "server/fault", "server/vault", "server/provider", "client/wire/sse"}},
	{"server/provider/anthropic", vendorMay},
	{"server/provider/openai", vendorMay},
	{"server/provider/openai/tokenizer", []string{"std", "github.com/tiktoken-go/tokenizer/codec"}},
	{"server/provider/gemini", vendorMay},
	{"server/provider/demo", []string{"std", "server/fault", "server/provider"}},
	{"server/provider/providertest", []string{"std", "server/fault", "server/vault", "server/provider", "client/wire/sse"}},
	{"server/store", []string{
		"std", "migrations", "server/fault", "server/identity", "server/conversation", "server/provider", "server/usage", "server/quota", "server/turn",
		"server/mail", "server/signin", "server/vault", uuidLib,
		"modernc.org/sqlite/...", "github.com/jackc/pgx/v5/...", "github.com/pressly/goose/v3/...", "github.com/gofrs/flock", "golang.org/x/sys/...",
		"github.com/riverqueue/river/...",
	}},
	{"server/identity/remote", []string{"std", "server/fault", "golang.org/x/oauth2"}},
	{"server/identity/oidc", []string{"std", "server/fault", "server/vault", "server/identity", "server/identity/remote", "server/signin",
		"github.com/coreos/go-oidc/v3/oidc", "golang.org/x/oauth2"}},
	{"server/identity/github", []string{"std", "server/fault", "server/vault", "server/identity", "server/identity/remote", "server/signin", "golang.org/x/oauth2"}},
	{"migrations", []string{"std"}},

	// The doors, and what they share.
	{"server/oauth", []string{"std", "client/wire", "server/fault", "server/identity", "server/signin", "server/visitor"}},
	{"server/web", []string{"std", "server/fault", "server/identity", "server/mail", "server/signin", "server/visitor"}},
	{"server/visitor", []string{"std", "golang.org/x/time/rate"}},
	{"server/httpapi", []string{
		"std", "client/wire/...", "server/fault", "server/detach", "server/visitor", "server/identity", "server/mail", "server/signin", "server/conversation", "server/provider", "server/quota", "server/turn", "server/job", "server/usage", "server/vault",
		"github.com/gin-gonic/gin", "github.com/danielgtaylor/huma/v2/...",
	}},

	// Assembly.
	{"server", []string{"std", "client/wire/...", "client/version", "client/setting", "server/...", uuidLib, "github.com/gofrs/flock", "github.com/riverqueue/river", "golang.org/x/sys/..."}},
	{"server/servertest", []string{"std", "client/wire", "server/..."}},
	{"cmd/aichat-server", []string{"std", "client/config", "client/setting", "client/version", "client/when", "client/wire/...", "server/...", cobraLib, pflagLib, "golang.org/x/term"}},

	// The other half: never the server.
	{"client", []string{"std", "client/...", uuidLib, "github.com/gofrs/flock", "golang.org/x/...", "github.com/pelletier/go-toml/v2/..."}},
	{"client/credential", []string{"std", "client", "github.com/gofrs/flock", "github.com/zalando/go-keyring"}},
	{"client/workspace", []string{"std", "client", "client/wire", "tui"}}, // where the two meet
	{"tui", []string{"std", "tui/...", "client/wire/...", uuidLib, "golang.org/x/...", "charm.land/...", "github.com/charmbracelet/...",
		"github.com/rivo/uniseg", "github.com/mattn/go-runewidth", "github.com/clipperhouse/..."}},
	{"tui/markdown", []string{"std", "tui/...", "charm.land/...", "github.com/charmbracelet/...", "golang.org/x/...", "github.com/rivo/uniseg",
		"github.com/mattn/go-runewidth", "github.com/clipperhouse/...", "github.com/alecthomas/chroma/v2/...", "github.com/yuin/goldmark/..."}},
	{"cmd/aichat", []string{"std", "tui/...", "client/...", uuidLib, cobraLib, pflagLib, "rsc.io/qr", "golang.org/x/...", "charm.land/...", "github.com/charmbracelet/...", "github.com/mattn/go-isatty"}},

	// Tools of the tree's own, which are in neither program.
	{"bench", []string{"..."}},
	{"scripts", []string{"std", "charm.land/...", "github.com/charmbracelet/...", "golang.org/x/..."}},
}

var vendorMay = []string{"std", "server/fault", "server/vault", "server/provider", "server/provider/upstream/...", "server/provider/providertest", "client/wire/sse"}

// below the root of tui no package does I/O: they keep state and draw.
var drawnOnly = []string{"os", "os/exec", "net", "net/http", "io/fs", "syscall"}

// notLinked is what the client's program must not hold, nor the server's yet.
var notLinked = map[string][]string{
	"cmd/aichat": {
		"github.com/gin-gonic/gin", "github.com/danielgtaylor/huma/v2", "github.com/jackc/pgx/v5", "modernc.org/sqlite",
		"github.com/stripe/stripe-go/v76", "github.com/riverqueue/river", "github.com/tiktoken-go/tokenizer", module + "server",
	},
}

// drawers are names that say nothing of what is inside.
var drawers = []string{"util", "utils", "common", "helper", "helpers", "model", "models", "type", "types", "shared", "base", "misc", "lib", "pkg", "internal"}

// pkg is what the go tool says of a package.
type pkg struct {
	ImportPath string
	Dir        string
	Doc        string // its first sentence
	Standard   bool
	Imports    []string
	GoFiles    []string
	Deps       []string
}

// list asks the go tool, for the programs as they are built for every system
// that is ours.
func list(t *testing.T, args ...string) []pkg {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", append([]string{"list", "-e", "-json=ImportPath,Dir,Doc,Standard,Imports,GoFiles,Deps"}, args...)...)
	cmd.Dir = ".."
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var all []pkg
	for dec := json.NewDecoder(out); ; {
		var p pkg
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	return all
}

// ruleFor is the longest rule that the package falls under.
func ruleFor(name string) (best rule, ok bool) {
	for _, r := range rules {
		if matches(r.pkg+"/...", name) && len(r.pkg) >= len(best.pkg) {
			best, ok = r, true
		}
	}
	return best, ok
}

// matches knows "x", and "x/..." for x and what is below.
func matches(pattern, name string) bool {
	root, all := strings.CutSuffix(pattern, "/...")
	return pattern == "..." || name == root || all && strings.HasPrefix(name, root+"/")
}

func TestArrows(t *testing.T) {
	t.Parallel()
	for _, p := range list(t, "./...") {
		name := strings.TrimPrefix(p.ImportPath, module)
		r, ok := ruleFor(name)
		if !ok {
			t.Errorf("%s falls under no rule: say in this table what it may import", name)
			continue
		}
		for _, imported := range p.Imports {
			short, ours := strings.CutPrefix(imported, module)
			first, _, _ := strings.Cut(imported, "/")
			std := !ours && !strings.Contains(first, ".")
			allowed := func(may string) bool { return may == "std" && std || matches(may, short) }
			if !slices.ContainsFunc(r.may, allowed) && !(ours && matches(r.pkg+"/...", short)) {
				t.Errorf("%s imports %s", name, short)
			}
		}
		if strings.HasPrefix(name, "tui/") {
			for _, imported := range p.Imports {
				if slices.Contains(drawnOnly, imported) && !strings.HasPrefix(name, "tui/tuitest") && name != "tui/terminal" {
					t.Errorf("%s imports %s: what is below tui draws only", name, imported)
				}
			}
		}
	}
}

func TestPrograms(t *testing.T) {
	t.Parallel()
	for program, banned := range notLinked {
		for _, p := range list(t, "./"+program) {
			for _, dep := range p.Deps {
				for _, b := range banned {
					if matches(b+"/...", dep) {
						t.Errorf("%s links %s", program, dep)
					}
				}
			}
		}
	}
}

func TestFolders(t *testing.T) {
	t.Parallel()
	for _, p := range list(t, "./...") {
		name := strings.TrimPrefix(p.ImportPath, module)
		for part := range strings.SplitSeq(name, "/") {
			if slices.Contains(drawers, part) {
				t.Errorf("%s: %s is the name of a drawer", name, part)
			}
		}
		isProgram := strings.HasPrefix(name, "cmd/") || strings.HasPrefix(name, "bench/") || strings.HasPrefix(name, "scripts/")
		if len(p.GoFiles) > 0 && p.Doc == "" {
			t.Errorf("%s does not say what it is", name)
		}
		isKit := strings.HasSuffix(name, "test") // a test's data speak in their own files
		if len(p.GoFiles) > 1 && !slices.Contains(p.GoFiles, "doc.go") && !isProgram && !isKit {
			t.Errorf("%s has no doc.go", name)
		}
		if base := path.Base(name); !isProgram && filepath.Base(p.Dir) != base {
			t.Errorf("%s is in the folder %s", name, p.Dir)
		}
	}
}

// Each rule is about something that there is.
func TestRulesAreUsed(t *testing.T) {
	t.Parallel()
	used := map[string]bool{}
	for _, p := range list(t, "./...") {
		r, _ := ruleFor(strings.TrimPrefix(p.ImportPath, module))
		used[r.pkg] = true
	}
	for _, r := range rules {
		if !used[r.pkg] {
			t.Errorf("the rule for %s is about nothing", r.pkg)
		}
	}
}
