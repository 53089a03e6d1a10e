package main

import (
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/aichat-term/aichat/client/setting"
	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server"
)

// environment is what this process's environment says of providers: in serve
// that is the operator's word.
func environment() map[string]string {
	env := map[string]string{}
	for _, name := range wire.ProviderVariables {
		if v := os.Getenv(name); v != "" {
			env[name] = v
		}
	}
	return env
}

// ourPrefix is what all of the program's own variables begin with.
const ourPrefix = "AICHAT_SERVER_"

// ofKubernetes are the variables that Kubernetes sets in each container for a Service
// named aichat-server, or aichat-server-database: where it is.
var ofKubernetes = regexp.MustCompile(`^AICHAT_SERVER_(\w+_)?(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT(_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)$`)

// noteStrangers warns of variables that look like settings and are none: a server
// that goes by a default because of a mistyped name seems well.
func noteStrangers(to io.Writer, environ []string) error {
	all, err := setting.Describe(&server.Config{})
	if err != nil {
		return err
	}
	var set []string
	for _, v := range environ {
		if name, value, _ := strings.Cut(v, "="); value != "" && strings.HasPrefix(name, ourPrefix) && !ofKubernetes.MatchString(name) {
			set = append(set, name)
		}
	}
	slices.Sort(set)
	for _, text := range setting.Unknown(all, ourPrefix, set, configVariable) {
		_, _ = fmt.Fprintln(to, "warning: "+text) // a closed stderr is no reason to stop
	}
	return nil
}
