package redistest

import (
	"os"
	"sync"
	"testing"

	"github.com/google/uuid"
)

// Variable names the environment variable with the URL of a server to use.
const Variable = "AICHAT_TEST_REDIS"

// shared is this process's server: kept, since what held its standard input
// would otherwise be collected, and the server with it.
var shared = sync.OnceValues(start)

// URL returns the address of the server that tests share.
func URL(t testing.TB) string {
	t.Helper()
	if url := os.Getenv(Variable); url != "" {
		return url
	}
	s, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	return s.URL
}

// Prefix is what one test's keys begin with.
func Prefix() string { return "test:" + uuid.NewString() + ":" }
