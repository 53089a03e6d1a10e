package local

// maxSocketPath is the length of sun_path, less its final NUL; see unix(7).
const maxSocketPath = 107
