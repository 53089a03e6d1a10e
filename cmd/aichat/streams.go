package main

import (
	"io"
	"os"

	"golang.org/x/term"
)

// streams are the three standard streams, and what a command must know about
// them to behave. Nothing in this program writes to os.Stdout itself.
type streams struct {
	in  input
	out output
	err output
}

// input is where a prompt may come from.
type input struct {
	io.Reader
	kind inputKind
}

// inputKind says what standard input is.
type inputKind uint8

const (
	inputNone     inputKind = iota // closed, /dev/null or another device: never read
	inputTerminal                  // a person types
	inputPipe                      // a pipe or a socket: it may stay open and silent
	inputFile                      // a regular file: it ends by itself
)

// given reports whether there is something to read that nobody has to type.
func (i input) given() bool { return i.kind == inputPipe || i.kind == inputFile }

// output is a stream to write to.
type output struct {
	io.Writer
	terminal bool
	// size is the terminal's, in cells; nil where it is none.
	size func() (width, height int)
	// gone waits until nobody reads the stream any more; nil where it is
	// neither a pipe nor a socket.
	gone func() bool
}

// width is the terminal's width, and 80 where there is none to ask.
func (o output) width() int {
	if o.size != nil {
		if w, _ := o.size(); w > 0 {
			return w
		}
	}
	return 80
}

// systemStreams are the process's own.
func systemStreams() streams {
	return streams{
		in:  input{Reader: os.Stdin, kind: kindOf(os.Stdin)},
		out: outputOf(os.Stdout),
		err: outputOf(os.Stderr),
	}
}

func kindOf(f *os.File) inputKind {
	info, err := f.Stat()
	if err != nil {
		return inputNone
	}
	switch mode := info.Mode(); {
	case mode.IsRegular():
		return inputFile
	case mode&(os.ModeNamedPipe|os.ModeSocket) != 0:
		return inputPipe
	case term.IsTerminal(int(f.Fd())):
		return inputTerminal
	default:
		return inputNone
	}
}

func outputOf(f *os.File) output {
	fd := int(f.Fd())
	if kindOf(f) == inputPipe {
		return output{Writer: f, gone: func() bool { return readerGone(f) }}
	}
	if !term.IsTerminal(fd) {
		return output{Writer: f}
	}
	return output{Writer: f, terminal: true, size: func() (int, int) {
		w, h, err := term.GetSize(fd)
		if err != nil {
			return 0, 0
		}
		return w, h
	}}
}
