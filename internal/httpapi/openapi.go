package httpapi

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/wire"
)

// schemaPrefix is where OpenAPI keeps the schemas of named types.
const schemaPrefix = "#/components/schemas/"

// OpenAPI describes the API in OpenAPI 3.1, for a server mounted at base ("" or for instance "/chat").
// The result depends on the route table and the types alone.
func OpenAPI(base string) ([]byte, error) {
	routes := (&API{}).routes()
	spec, err := document(routes, base)
	if err != nil {
		return nil, err
	}
	return encodeDocument(spec)
}

// describe makes the two descriptions a server carries: JSON and the page.
func describe(routes []route, base string) (spec, page []byte, err error) {
	doc, err := document(routes, base)
	if err != nil {
		return nil, nil, err
	}
	if spec, err = encodeDocument(doc); err != nil {
		return nil, nil, err
	}
	page, err = renderDocs(doc, routes)
	return spec, page, err
}

func encodeDocument(doc *huma.OpenAPI) ([]byte, error) {
	text, err := json.MarshalIndent(doc, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("encode the description of the API: %w", err)
	}
	return append(text, '\n'), nil
}

// document builds the description. Only huma's schemas and model are used: its own handling of requests
// repeats bodies in errors and loses our error codes.
func document(routes []route, base string) (*huma.OpenAPI, error) {
	registry := newRegistry()
	doc := &huma.OpenAPI{
		OpenAPI: "3.1.0",
		Info: &huma.Info{
			Title:       "Myna",
			Version:     "1",
			Description: "The REST API of a Myna server. Live delivery, resume and what the numbers mean: docs/protocol.md.",
			License:     &huma.License{Name: "Apache-2.0", Identifier: "Apache-2.0"},
		},
		Servers: []*huma.Server{{URL: base + prefix}},
		Components: &huma.Components{
			Schemas: registry,
			SecuritySchemes: map[string]*huma.SecurityScheme{
				"cookie": {Type: "apiKey", In: "cookie", Name: secureCookie, Description: "Set by signing in; " + plainCookie + " on a server without TLS."},
				"bearer": {Type: "http", Scheme: "bearer", Description: "A token made by signing in with token: true."},
			},
		},
		Tags: tags(),
	}
	for i := range routes {
		if err := routes[i].check(); err != nil {
			return nil, err
		}
		doc.AddOperation(routes[i].operation(registry))
	}
	for _, schema := range registry.Map() {
		settle(schema)
	}
	kinds := []reflect.Type{
		reflect.TypeFor[wire.Room](), reflect.TypeFor[wire.Member](), reflect.TypeFor[wire.Message](),
		reflect.TypeFor[wire.Membership](), reflect.TypeFor[wire.Draft](), reflect.TypeFor[wire.Preferences](),
		reflect.TypeFor[wire.User](), reflect.TypeFor[wire.Settings](),
	}
	row := registry.Map()["Change"].Properties["row"]
	for _, kind := range kinds {
		row.OneOf = append(row.OneOf, registry.Schema(kind, true, ""))
	}
	return doc, nil
}

func tags() []*huma.Tag {
	return []*huma.Tag{
		{Name: "server", Description: "The server itself"},
		{Name: "accounts", Description: "People"},
		{Name: "sessions", Description: "Signed-in devices"},
		{Name: "invites", Description: "Links to register with"},
		{Name: "sync", Description: "Catching up"},
		{Name: "rooms", Description: "Channels and conversations"},
		{Name: "members", Description: "People in rooms"},
		{Name: "messages", Description: "What is said"},
		{Name: "live", Description: "The WebSocket"},
		{Name: "load", Description: "Load tests"},
	}
}

func (t *route) operation(registry huma.Registry) *huma.Operation {
	op := &huma.Operation{
		Method: t.method, Path: t.path, OperationID: t.id, Tags: []string{t.tag},
		Summary: t.summary, Description: t.about, Responses: map[string]*huma.Response{},
		Extensions: map[string]any{"x-access": t.access.String()},
	}
	if t.access != public && t.access != loopback {
		op.Security = []map[string][]string{{"cookie": {}}, {"bearer": {}}}
	}
	if t.input != nil {
		for i := range t.input.NumField() {
			describeField(op, registry, t.input.Field(i))
		}
	}
	failure := registry.Schema(reflect.TypeFor[wire.Failure](), true, "")
	op.Responses["default"] = &huma.Response{
		Description: "What went wrong", Content: map[string]*huma.MediaType{"application/json": {Schema: failure}},
	}
	good := t.goodAnswer(registry)
	status := t.goodStatus()
	if t.access == upgrade {
		status = http.StatusSwitchingProtocols
	}
	op.Responses[strconv.Itoa(status)] = good
	return op
}

func (t *route) goodAnswer(registry huma.Registry) *huma.Response {
	switch {
	case t.access == upgrade:
		return &huma.Response{Description: "The WebSocket is open"}
	case t.output == reflect.TypeFor[none]():
		return &huma.Response{Description: "Done"}
	case t.output == reflect.TypeFor[file]():
		return &huma.Response{Description: "The file"}
	}
	schema := registry.Schema(t.output, true, "")
	return &huma.Response{Description: "Done", Content: map[string]*huma.MediaType{"application/json": {Schema: schema}}}
}

func describeField(op *huma.Operation, registry huma.Registry, field reflect.StructField) {
	if field.Name == bodyField {
		schema := registry.Schema(field.Type, true, "")
		op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"application/json": {Schema: schema}}}
		return
	}
	param := &huma.Param{In: "query", Name: field.Tag.Get("query"), Description: field.Tag.Get("doc")}
	if name, inPath := field.Tag.Lookup("path"); inPath {
		param.In, param.Name, param.Required = "path", name, true
	}
	param.Schema = huma.SchemaFromField(registry, field, "")
	param.Schema.Description, param.Schema.Nullable = "", false
	settle(param.Schema)
	if param.Schema.Type == huma.TypeInteger && param.Schema.Minimum == nil {
		zero := 0.0
		param.Schema.Minimum = &zero
	}
	op.Parameters = append(op.Parameters, param)
}

// newRegistry names types by their Go names and shows those that travel as text with their pattern.
func newRegistry() huma.Registry {
	registry := huma.NewMapRegistry(schemaPrefix, huma.DefaultSchemaNamer)
	registry.RegisterTypeAlias(reflect.TypeFor[myna.UserID](), reflect.TypeFor[userIDText]())
	registry.RegisterTypeAlias(reflect.TypeFor[myna.RoomID](), reflect.TypeFor[roomIDText]())
	registry.RegisterTypeAlias(reflect.TypeFor[myna.SessionID](), reflect.TypeFor[sessionIDText]())
	registry.RegisterTypeAlias(reflect.TypeFor[myna.InviteID](), reflect.TypeFor[inviteIDText]())
	registry.RegisterTypeAlias(reflect.TypeFor[myna.Nonce](), reflect.TypeFor[nonceText]())
	registry.RegisterTypeAlias(reflect.TypeFor[myna.Time](), reflect.TypeFor[timeText]())
	registry.RegisterTypeAlias(reflect.TypeFor[myna.Scope](), reflect.TypeFor[scopeText]())
	return registry
}

// These stand in the description for the vocabulary's types, which know nothing of schemas.
type (
	userIDText    struct{}
	roomIDText    struct{}
	sessionIDText struct{}
	inviteIDText  struct{}
	nonceText     struct{}
	timeText      struct{}
	scopeText     struct{}
)

func idSchema(prefix string) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Pattern: "^" + prefix + "_[0-9a-hjkmnp-tv-z]{13}$"}
}

func (userIDText) Schema(huma.Registry) *huma.Schema    { return idSchema("u") }
func (roomIDText) Schema(huma.Registry) *huma.Schema    { return idSchema("r") }
func (sessionIDText) Schema(huma.Registry) *huma.Schema { return idSchema("s") }
func (inviteIDText) Schema(huma.Registry) *huma.Schema  { return idSchema("i") }

func (nonceText) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Pattern: "^[0-7][0-9A-HJKMNP-TV-Za-hjkmnp-tv-z]{25}$"}
}

func (timeText) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Format: "date-time"}
}

func (scopeText) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Pattern: "^(directory|[ur]_[0-9a-hjkmnp-tv-z]{13})$"}
}

// settle says what our encoder does and huma cannot know: a list is never null.
func settle(schema *huma.Schema) {
	if schema == nil {
		return
	}
	if schema.Type == huma.TypeArray {
		schema.Nullable = false
	}
	settle(schema.Items)
	for _, property := range schema.Properties {
		settle(property)
	}
}
