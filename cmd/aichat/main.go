package main

import (
	"context"
	"os"
)

func main() {
	ctx, stop := interruptible(context.Background(), os.Exit)
	status := run(ctx, os.Args[1:], systemStreams(), os.LookupEnv)
	stop()
	os.Exit(status)
}
