package httpapi

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"maps"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"
)

// The page is one HTML file without scripts, made from the document: it is
// readable offline, and nothing on it can be made to run.
var (
	//go:embed page.html
	pageHTML string
	//go:embed page.css
	pageCSS string
)

// pagePolicy allows our one style sheet, by its digest, and nothing else.
func pagePolicy() string {
	sum := sha256.Sum256([]byte(pageCSS))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}

func (a *API) servePage(c *gin.Context) {
	h := c.Writer.Header()
	h.Set("Content-Security-Policy", pagePolicy())
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	a.serveMade(c, "text/html; charset=utf-8", a.page)
}

// pageView is what the template shows.
type pageView struct {
	Title, Version, Text string
	Style                template.CSS
	Groups               []pageGroup
	Schemas              []pageSchema
}

type pageGroup struct {
	Name       string
	Operations []*huma.Operation
}

type pageSchema struct {
	Name   string
	Fields []pageField
}

type pageField struct {
	Name, Type string
	Required   bool
}

func (a *API) renderPage() ([]byte, error) {
	if _, err := a.document(); err != nil { // completes what the page shows
		return nil, err
	}
	doc := a.huma.OpenAPI()
	view := pageView{
		Title: doc.Info.Title, Version: doc.Info.Version, Text: doc.Info.Description,
		Style:   template.CSS(pageCSS), //nolint:gosec // embedded, and its digest is in the policy
		Groups:  a.pageGroups(),
		Schemas: pageSchemas(doc.Components.Schemas.Map()),
	}
	parsed, err := template.New("page").Funcs(template.FuncMap{"link": schemaName, "body": bodySchema}).Parse(pageHTML)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = parsed.Execute(&out, view)
	return out.Bytes(), err
}

// pageGroups keeps the table's order.
func (a *API) pageGroups() []pageGroup {
	var groups []pageGroup
	paths := a.huma.OpenAPI().Paths
	for _, r := range a.table() {
		for _, op := range operations(paths[r.path]) {
			if op.OperationID != r.id {
				continue
			}
			at := slices.IndexFunc(groups, func(g pageGroup) bool { return g.Name == op.Tags[0] })
			if at < 0 {
				groups = append(groups, pageGroup{Name: op.Tags[0]})
				at = len(groups) - 1
			}
			groups[at].Operations = append(groups[at].Operations, op)
		}
	}
	return groups
}

func pageSchemas(schemas map[string]*huma.Schema) []pageSchema {
	var all []pageSchema
	for _, name := range slices.Sorted(maps.Keys(schemas)) {
		s := schemas[name]
		shown := pageSchema{Name: name}
		for _, field := range slices.Sorted(maps.Keys(s.Properties)) {
			shown.Fields = append(shown.Fields, pageField{
				Name: field, Type: typeName(s.Properties[field]), Required: slices.Contains(s.Required, field),
			})
		}
		all = append(all, shown)
	}
	return all
}

// typeName says a schema in a few words.
func typeName(s *huma.Schema) string {
	switch {
	case s.Ref != "":
		return schemaName(s)
	case len(s.AnyOf) > 0:
		names := make([]string, len(s.AnyOf))
		for i := range s.AnyOf {
			names[i] = typeName(s.AnyOf[i])
		}
		return strings.Join(names, " or ")
	case s.Type == huma.TypeArray:
		return "list of " + typeName(s.Items)
	}
	name := s.Type
	if s.Format != "" {
		name += " (" + s.Format + ")"
	}
	if s.Nullable {
		name += " or null"
	}
	return name
}

func schemaName(s *huma.Schema) string {
	if s == nil {
		return ""
	}
	return strings.TrimPrefix(s.Ref, schemaPrefix)
}

// bodySchema names the schema of a body's JSON; empty where there is none.
func bodySchema(content map[string]*huma.MediaType) string {
	if m := content["application/json"]; m != nil {
		return schemaName(m.Schema)
	}
	return ""
}
