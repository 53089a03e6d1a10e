package main

import "context"

// runTUI opens the terminal interface.
func (p *program) runTUI(context.Context, tuiOptions) error {
	return failed(nil, "This build has no terminal interface.")
}
