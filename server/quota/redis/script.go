package redis

import (
	_ "embed"

	"github.com/redis/rueidis"
)

// The scripts. Redis runs each as one step.
var (
	//go:embed clock.lua
	clockText string
	//go:embed bucket.lua
	bucketText string
	//go:embed enter.lua
	enterText string
	//go:embed leave.lua
	leaveText string
	//go:embed renew.lua
	renewText string
	//go:embed look.lua
	lookText string
	//go:embed count.lua
	countText string

	enterScript = rueidis.NewLuaScript(clockText + bucketText + enterText)
	leaveScript = rueidis.NewLuaScript(clockText + bucketText + leaveText)
	renewScript = rueidis.NewLuaScript(clockText + renewText)
	lookScript  = rueidis.NewLuaScript(clockText + bucketText + lookText)
	countScript = rueidis.NewLuaScript(clockText + countText)
)
