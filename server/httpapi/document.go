package httpapi

import (
	"encoding/json"
	"net/http"
	"reflect"
	"slices"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"github.com/aichat-term/aichat/client/wire"
)

const schemaPrefix = "#/components/schemas/"

// Document is the description as /openapi.json serves it.
func Document(version string) ([]byte, error) { return New(Options{Version: version}).document() }

// newDocument is the description before the routes are in it.
func newDocument(version string) *huma.OpenAPI {
	return &huma.OpenAPI{
		OpenAPI: "3.1.0",
		Info: &huma.Info{
			Title:   "aichat",
			Version: version,
			Description: "Conversations with language models, kept on a server. Failures are application/problem+json (RFC 9457) " +
				"with a stable code. Both sides ignore what they do not know: fields, event names, part types.",
		},
		Servers: []*huma.Server{{URL: "/"}},
		Components: &huma.Components{
			Schemas: huma.NewMapRegistry(schemaPrefix, huma.DefaultSchemaNamer),
			SecuritySchemes: map[string]*huma.SecurityScheme{
				"token": {Type: "http", Scheme: "bearer", Description: "A token of the server's. Over the Unix socket of a local server none is needed."},
			},
		},
	}
}

// renderDocument completes the description and makes JSON of it.
func (a *API) renderDocument() ([]byte, error) {
	doc := a.huma.OpenAPI()
	for _, schema := range doc.Components.Schemas.Map() {
		completeSchema(schema)
	}
	problem := a.schemaOf(reflect.TypeFor[wire.Problem]())
	for _, path := range doc.Paths {
		for _, op := range operations(path) {
			completeAnswers(op, problem)
		}
	}
	completeNulls(doc.Components.Schemas.Map())
	return json.Marshal(doc)
}

// operations are those of a path, in the order in which they are told.
func operations(path *huma.PathItem) []*huma.Operation {
	all := []*huma.Operation{path.Get, path.Post, path.Put, path.Patch, path.Delete}
	return slices.DeleteFunc(all, func(op *huma.Operation) bool { return op == nil })
}

func (a *API) schemaOf(t reflect.Type) *huma.Schema {
	return a.huma.OpenAPI().Components.Schemas.Schema(t, true, t.Name())
}

// completeSchema says what the types do not: lists are never null, and fields
// may come to be that nobody knows yet.
func completeSchema(s *huma.Schema) {
	if s == nil {
		return
	}
	if s.Type == huma.TypeArray {
		s.Nullable = false
	}
	if s.Type == huma.TypeObject && s.AdditionalProperties == false {
		s.AdditionalProperties = nil
	}
	completeSchema(s.Items)
	for _, p := range s.Properties {
		completeSchema(p)
	}
}

// completeAnswers gives every operation the one form of failure.
func completeAnswers(op *huma.Operation, problem *huma.Schema) {
	op.Responses["default"] = &huma.Response{
		Description: "A failure.",
		Content:     map[string]*huma.MediaType{wire.ProblemType: {Schema: problem}},
	}
}

// completeNulls names the fields that are null with a meaning: see the comments
// in package wire.
func completeNulls(schemas map[string]*huma.Schema) {
	orNull := func(schema, field string) {
		s := schemas[schema].Properties[field]
		if s.Ref != "" {
			schemas[schema].Properties[field] = &huma.Schema{AnyOf: []*huma.Schema{{Ref: s.Ref}, {Type: "null"}}}
			return
		}
		s.Nullable = true
	}
	orNull("Model", "price")
	orNull("Usage", "cost_microusd")
	orNull("LedgerRow", "price")
	for _, schema := range []string{"ConversationChange", "ProfileChange"} {
		for field := range schemas[schema].Properties {
			orNull(schema, field)
		}
	}
	for _, field := range []string{"expires_at", "revoked_at", "used_at"} {
		orNull("Token", field)
	}
	for _, field := range []string{"expires_at", "used_at"} {
		orNull("Invitation", field)
	}
	for _, schema := range []string{"NewToken", "NewInvitation"} {
		orNull(schema, "expires_at")
	}
	orNull("UserChange", "server_admin")
	for _, field := range []string{"question", "create", "system", "max_tokens", "temperature"} {
		orNull("NewTurn", field)
	}
}

func jsonOf(s *huma.Schema) map[string]*huma.MediaType {
	return map[string]*huma.MediaType{"application/json": {Schema: s}}
}

// describeStream describes an answer of server-sent events. OpenAPI has no
// words for them; the schema of each event's data is named by the event.
func (a *API) describeStream(op *huma.Operation, text string, events map[string]reflect.Type) {
	data := &huma.Schema{Type: huma.TypeString, Description: text, Extensions: map[string]any{}}
	named := map[string]*huma.Schema{}
	for name, t := range events {
		named[name] = a.schemaOf(t)
	}
	data.Extensions["x-events"] = named
	if op.Responses == nil {
		op.Responses = map[string]*huma.Response{}
	}
	ok := op.Responses["200"]
	if ok == nil {
		ok = &huma.Response{Description: "The stream.", Content: map[string]*huma.MediaType{}}
		op.Responses["200"] = ok
	}
	ok.Content["text/event-stream"] = &huma.MediaType{Schema: data}
}

const turnEventsText = "Server-sent events. The first is turn; then delta, snapshot (which replaces all that was told) and notice; " +
	"exactly one of completed, cancelled, failed and interrupted is the last. An event's id is where Last-Event-ID continues."

func turnEvents() map[string]reflect.Type {
	end := reflect.TypeFor[wire.End]()
	return map[string]reflect.Type{
		wire.EventTurn:        reflect.TypeFor[wire.Turn](),
		wire.EventDelta:       reflect.TypeFor[wire.Delta](),
		wire.EventSnapshot:    reflect.TypeFor[wire.Snapshot](),
		wire.EventNotice:      reflect.TypeFor[wire.Notice](),
		wire.EventCompleted:   end,
		wire.EventCancelled:   end,
		wire.EventFailed:      end,
		wire.EventInterrupted: end,
	}
}

func stringSchema() *huma.Schema { return &huma.Schema{Type: huma.TypeString} }

func idParam() *huma.Param {
	return &huma.Param{Name: "id", In: "path", Required: true, Description: "A UUID in canonical form.", Schema: stringSchema()}
}

func lastEventIDParam() *huma.Param {
	return &huma.Param{Name: wire.HeaderLastEventID, In: "header", Schema: stringSchema(),
		Description: "The id of the last event seen; absent: from the beginning."}
}

func describeBegin(a *API, op *huma.Operation) {
	op.Parameters = []*huma.Param{idParam(), lastEventIDParam()}
	op.RequestBody = &huma.RequestBody{Required: true, Content: jsonOf(a.schemaOf(reflect.TypeFor[wire.NewTurn]()))}
	turn := a.schemaOf(reflect.TypeFor[wire.Turn]())
	op.Responses = map[string]*huma.Response{
		"200": {Description: "The stream, where Accept asks for it; else the turn as it stands, which had begun before.", Content: jsonOf(turn)},
		"201": {Description: "The turn, which has begun.", Content: jsonOf(turn)},
	}
	a.describeStream(op, turnEventsText, turnEvents())
}

func describeFollow(a *API, op *huma.Operation) {
	op.Parameters = []*huma.Param{idParam(), lastEventIDParam()}
	a.describeStream(op, turnEventsText, turnEvents())
}

func describeEvents(a *API, op *huma.Operation) {
	a.describeStream(op, "Server-sent events: changed, whenever there is something to pull. Pull once on connecting.",
		map[string]reflect.Type{wire.EventChanged: reflect.TypeFor[wire.Changed]()})
}

func describeDocument(_ *API, op *huma.Operation) {
	op.Responses = map[string]*huma.Response{"200": {Description: "This document.",
		Content: jsonOf(&huma.Schema{Type: huma.TypeObject})}}
}

func describePage(_ *API, op *huma.Operation) {
	op.Responses = map[string]*huma.Response{"200": {Description: "This document, for people.",
		Content: map[string]*huma.MediaType{"text/html": {Schema: stringSchema()}}}}
}

func (a *API) serveDocument(c *gin.Context) { a.serveMade(c, "application/json", a.document) }

func (a *API) serveMade(c *gin.Context, kind string, made func() ([]byte, error)) {
	body, err := made()
	if err != nil {
		a.fail(c, err)
		return
	}
	c.Data(http.StatusOK, kind, body)
}
