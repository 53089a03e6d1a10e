package mail

import (
	"bytes"
	"embed"
	htmltemplate "html/template"
	"net/url"
	"strings"
	texttemplate "text/template"
	"unicode"

	"github.com/aichat-term/aichat/server/fault"
)

// A letter NAME is two files: NAME.txt begins with its subject and an empty line,
// NAME.html defines the body that layout.html surrounds.
//
//go:embed templates
var templates embed.FS

// functions are what templates may call.
var functions = map[string]any{"host": hostOf}

// hostOf is what people call a server: its public address without the scheme.
func hostOf(address string) string {
	if u, err := url.Parse(address); err == nil && u.Host != "" {
		return u.Host
	}
	return address
}

// Render makes the message of a letter. It is an Internal fault if there is no
// such letter in this program, or if the letter lacks something that its
// templates show; neither text holds the letter's data.
//
// All letters are in English so far, whatever their Locale.
func (l Letter) Render() (Message, error) {
	head, text, err := l.renderText()
	if err != nil {
		return Message{}, l.broken(err)
	}
	html, err := l.renderHTML(head)
	if err != nil {
		return Message{}, l.broken(err)
	}
	return Message{Letter: l.Name, To: l.To, Subject: head, Text: text, HTML: html}, nil
}

func (l Letter) broken(err error) error {
	return fault.Wrap(err, fault.Internal, "The letter cannot be written.")
}

// file is where a template of the letter is. A name that is none of ours finds
// no file.
func (l Letter) file(extension string) string { return "templates/" + l.Name + extension }

func (l Letter) renderText() (subject, text string, err error) {
	t, err := texttemplate.New(l.Name+".txt").Funcs(functions).Option("missingkey=error").ParseFS(templates, l.file(".txt"))
	if err != nil {
		return "", "", err
	}
	var b strings.Builder
	if err := t.Execute(&b, l.Data); err != nil {
		return "", "", err
	}
	subject, text, found := strings.Cut(b.String(), "\n\n")
	if !found || strings.ContainsFunc(subject, unicode.IsControl) {
		return "", "", fault.New(fault.Internal, "The letter's subject is not one line.")
	}
	return subject, text, nil
}

func (l Letter) renderHTML(subject string) (string, error) {
	t, err := htmltemplate.New("layout.html").Funcs(functions).Option("missingkey=error").
		ParseFS(templates, "templates/layout.html", l.file(".html"))
	if err != nil {
		return "", err
	}
	var b bytes.Buffer
	err = t.Execute(&b, struct {
		Subject string
		Data    map[string]string
	}{subject, l.Data})
	return b.String(), err
}
