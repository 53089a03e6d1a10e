package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"html/template"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"

	"github.com/aichat-term/aichat/server/signin"
)

//go:embed pages/*.html
var pageFiles embed.FS

//go:embed style.css
var style []byte

// stylePath carries the sheet's hash: a browser keeps it for good, and a new one
// has a new address.
var stylePath = "/web/" + styleHash() + ".css"

func styleHash() string {
	sum := sha256.Sum256(style)
	return hex.EncodeToString(sum[:6])
}

func serveStyle(w http.ResponseWriter, _ *http.Request) {
	guard(w.Header())
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	_, _ = w.Write(style) // the browser went away
}

// templates are the pages by name: each within the one layout. They are made when
// the first is shown, since a program may start that shows none.
var templates = sync.OnceValue(parsePages)

func parsePages() map[string]*template.Template {
	layout := template.Must(template.New("layout.html").Funcs(template.FuncMap{
		"moment": func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
		"clock":  func(t time.Time) string { return t.UTC().Format("15:04 UTC") },
	}).ParseFS(pageFiles, "pages/layout.html"))
	all := map[string]*template.Template{}
	files, err := pageFiles.ReadDir("pages")
	if err != nil {
		panic("web: " + err.Error()) // it is embedded
	}
	for _, f := range files {
		name := strings.TrimSuffix(f.Name(), path.Ext(f.Name()))
		if name != "layout" {
			all[name] = template.Must(template.Must(layout.Clone()).ParseFS(pageFiles, "pages/"+f.Name()))
		}
	}
	return all
}

// sheet is what a template is given.
type sheet struct {
	Title string // of the document, and the page's heading
	Host  string // this server, for people
	Style string // address of the style sheet
	Token string // for forms

	// Field is the name of the field that Problem is about; with Problem and
	// without Field it is about the whole form.
	Field, Problem string

	// Onward is where the browser goes by itself; empty: it stays.
	Onward string

	signin.Visit
	Data any
}

// render answers with a page.
func (x *exchange) render(status int, name string, s sheet) error {
	s.Host, s.Style = x.host, stylePath
	s.Visit, s.Token = x.visit, formToken(x.visit.Cookie)
	var b bytes.Buffer
	if err := templates()[name].ExecuteTemplate(&b, "layout.html", s); err != nil {
		return err
	}
	x.giveCookie()
	x.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	x.w.WriteHeader(status)
	_, _ = b.WriteTo(x.w) // the browser went away
	return nil
}

// show makes an action of a page that needs nothing.
func show(name, title string) action {
	return func(x *exchange) error { return x.render(http.StatusOK, name, sheet{Title: title}) }
}
