package main

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/aichat-term/aichat/client"
	"github.com/aichat-term/aichat/tui/markdown"
	"github.com/aichat-term/aichat/tui/terminal"
)

// source writes the answer's own text: into a pipe byte for byte, and a final
// newline if there is none; on a terminal with what could steer it made visible.
type source struct {
	p     *program
	notes *notes
	wait  bool // until it is whole
	clean bool

	told shown
	cr   bool // a carriage return is held back, a newline may follow it
}

func (s *source) event(ev client.Event, a *answer) error {
	s.notes.event(ev)
	if s.wait || !changesText(ev) {
		return nil
	}
	return s.put(s.told.rest(ev, a))
}

func (s *source) end(a *answer) error {
	if err := s.put(s.told.remainder(a.text())); err != nil {
		return err
	}
	if s.cr {
		if err := s.put("\n"); err != nil { // what ends in CR LF or CR ends in a line
			return err
		}
	} else if s.told.midLine() {
		s.notes.quiet()
		if err := write(s.p.out, "\n"); err != nil {
			return err
		}
	}
	s.notes.end(a)
	s.notes.differs(&s.told, a)
	return nil
}

// cut leaves a terminal at the beginning of a line.
func (s *source) cut(*answer) {
	s.notes.quiet()
	if s.p.out.terminal && s.told.midLine() {
		_ = write(s.p.out, "\n") // the error that is on its way says more
	}
}

func (s *source) failed(*answer, *failure) error { return nil }

func (s *source) put(text string) error {
	if text == "" {
		return nil
	}
	if s.clean {
		if s.cr {
			text, s.cr = "\r"+text, false
		}
		if strings.HasSuffix(text, "\r") {
			text, s.cr = text[:len(text)-1], true
		}
		text = terminal.Clean(text)
	}
	s.notes.quiet()
	return write(s.p.out, text)
}

// rendered draws the answer's Markdown on a terminal, each line once, when
// nothing can change it any more.
type rendered struct {
	p     *program
	notes *notes
	page  *markdown.Printer
	wait  bool
	told  shown
}

// printer draws for the terminal's width, but not so wide that prose is hard to
// read.
func (p *program) printer() *markdown.Printer {
	const readable = 100
	return markdown.NewPrinter(p.renderer(min(p.out.width(), readable)))
}

func (p *program) renderer(width int) *markdown.Renderer {
	return markdown.New(markdown.Theme{ASCII: !p.env.unicode(), Light: p.env.light()}, width)
}

func (r *rendered) event(ev client.Event, a *answer) error {
	r.notes.event(ev)
	if r.wait || !changesText(ev) {
		return nil
	}
	return r.put(r.page.Write(r.told.rest(ev, a)))
}

func (r *rendered) end(a *answer) error {
	if err := r.put(r.page.Write(r.told.remainder(a.text()))); err != nil {
		return err
	}
	if err := r.put(r.page.Close()); err != nil {
		return err
	}
	r.notes.end(a)
	r.notes.differs(&r.told, a)
	return nil
}

// cut shows the lines that were still open.
func (r *rendered) cut(a *answer) {
	_ = r.put(r.page.Write(r.told.remainder(a.text()))) // the error that is on its way says more
	_ = r.put(r.page.Close())
	r.notes.quiet()
}

func (r *rendered) failed(*answer, *failure) error { return nil }

func (r *rendered) put(lines []string) error {
	if len(lines) == 0 {
		return nil
	}
	r.notes.quiet()
	return write(r.p.out, r.p.drawn(lines))
}

// drawn joins rendered lines, without their colours where there are to be none.
func (p *program) drawn(lines []string) string {
	text := strings.Join(lines, "\n") + "\n"
	if !p.style.colour {
		return ansi.Strip(text)
	}
	return text
}
