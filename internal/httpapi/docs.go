package httpapi

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

var (
	//go:embed docs.html
	docsHTML string
	//go:embed docs.css
	docsCSS []byte
)

func (a *API) openAPI(*call, *nothing) (file, error) {
	return file{mediaType: "application/json", body: a.spec}, nil
}

func (a *API) docs(*call, *nothing) (file, error) {
	return file{mediaType: "text/html; charset=utf-8", body: a.page}, nil
}

func (a *API) docsStyle(*call, *nothing) (file, error) {
	return file{mediaType: "text/css; charset=utf-8", body: docsCSS}, nil
}

// docsPage is what docs.html shows. The page is made once, at start, and needs neither scripts nor
// anything from elsewhere.
type docsPage struct {
	Title  string
	About  string
	Base   string
	Groups []docsGroup
	Types  []docsType
}

type docsGroup struct {
	Name  string
	About string
	Calls []docsCall
}

type docsCall struct {
	ID      string
	Method  string
	Path    string
	Summary string
	About   string
	Signed  bool
	Params  []docsField
	Body    docsRef
	Status  string
	Answer  docsRef
}

type docsType struct {
	Name   string
	Fields []docsField
}

type docsField struct {
	Name     string
	In       string
	Required bool
	Type     docsRef
	About    string
}

// docsRef is a type as people read it; Link is the named type in it, if any.
type docsRef struct {
	Text string
	Link string
}

func renderDocs(doc *huma.OpenAPI, routes []route) ([]byte, error) {
	page := docsPage{Title: doc.Info.Title, About: doc.Info.Description, Base: doc.Servers[0].URL}
	for _, tag := range doc.Tags {
		page.Groups = append(page.Groups, docsGroup{Name: tag.Name, About: tag.Description, Calls: callsOf(doc, routes, tag.Name)})
	}
	for name, schema := range doc.Components.Schemas.Map() {
		page.Types = append(page.Types, docsType{Name: name, Fields: fieldsOf(schema)})
	}
	slices.SortFunc(page.Types, func(a, b docsType) int { return strings.Compare(a.Name, b.Name) })

	var out bytes.Buffer
	parsed, err := template.New("docs").Parse(docsHTML)
	if err != nil {
		return nil, fmt.Errorf("parse the page of the API: %w", err)
	}
	if err := parsed.Execute(&out, page); err != nil {
		return nil, fmt.Errorf("write the page of the API: %w", err)
	}
	return out.Bytes(), nil
}

// callsOf gives the calls of a group in the order of the table.
func callsOf(doc *huma.OpenAPI, routes []route, tag string) []docsCall {
	var calls []docsCall
	for _, t := range routes {
		if t.tag != tag {
			continue
		}
		item := doc.Paths[t.path]
		for _, op := range []*huma.Operation{item.Get, item.Post, item.Put, item.Patch, item.Delete} {
			if op != nil && op.OperationID == t.id {
				calls = append(calls, callOf(op))
			}
		}
	}
	return calls
}

func callOf(op *huma.Operation) docsCall {
	c := docsCall{
		ID: op.OperationID, Method: op.Method, Path: op.Path, Summary: op.Summary, About: op.Description,
		Signed: len(op.Security) > 0,
	}
	for _, param := range op.Parameters {
		c.Params = append(c.Params, docsField{
			Name: param.Name, In: param.In, Required: param.Required, Type: refOf(param.Schema), About: param.Description,
		})
	}
	if op.RequestBody != nil {
		c.Body = refOf(op.RequestBody.Content["application/json"].Schema)
	}
	for status, response := range op.Responses {
		if status == "default" {
			continue
		}
		c.Status = status
		if content := response.Content["application/json"]; content != nil {
			c.Answer = refOf(content.Schema)
		}
	}
	return c
}

func fieldsOf(schema *huma.Schema) []docsField {
	var fields []docsField
	for name, property := range schema.Properties {
		fields = append(fields, docsField{
			Name: name, Type: refOf(property), About: property.Description,
			Required: slices.Contains(schema.Required, name),
		})
	}
	slices.SortFunc(fields, func(a, b docsField) int { return strings.Compare(a.Name, b.Name) })
	return fields
}

func refOf(schema *huma.Schema) docsRef {
	switch {
	case schema == nil:
		return docsRef{}
	case schema.Ref != "":
		name := strings.TrimPrefix(schema.Ref, schemaPrefix)
		return docsRef{Text: name, Link: name}
	case len(schema.OneOf) > 0:
		var names []string
		for _, one := range schema.OneOf {
			names = append(names, refOf(one).Text)
		}
		return docsRef{Text: strings.Join(names, " | ")}
	case len(schema.Enum) > 0:
		var values []string
		for _, value := range schema.Enum {
			values = append(values, fmt.Sprintf("%q", value))
		}
		return docsRef{Text: strings.Join(values, " | ")}
	case schema.Type == huma.TypeArray:
		item := refOf(schema.Items)
		return docsRef{Text: "list of " + item.Text, Link: item.Link}
	case schema.Pattern != "":
		return docsRef{Text: schema.Type + " " + schema.Pattern}
	case schema.Format != "" && schema.Type == huma.TypeString:
		return docsRef{Text: schema.Format}
	default:
		return docsRef{Text: schema.Type}
	}
}
