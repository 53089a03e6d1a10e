//go:build !linux

package local

// maxSocketPath is the length of sun_path on macOS and the BSDs, less its final
// NUL; Windows allows a little more.
const maxSocketPath = 103
