package apidoc

import (
	"bytes"
	_ "embed"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"text/template"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/wire"
)

//go:embed protocol.md.tmpl
var protocolTemplate string

// protocolPage is what the template shows.
type protocolPage struct {
	Client []typeDoc
	Server []typeDoc
	Parts  []typeDoc
	Rows   []typeDoc
	Codes  []codeDoc
	Closes []constant
	Limits []limitDoc
}

type typeDoc struct {
	Name   string // of the frame or the row kind
	About  string
	Fields []fieldDoc
}

type fieldDoc struct {
	Name     string
	Type     string
	Optional bool
	About    string
}

type codeDoc struct {
	Code    string
	Kind    string
	Status  int
	Meaning string
}

type limitDoc struct {
	Name  string
	Value int64
	About string
}

// Protocol writes docs/protocol.md: the prose of the template with tables made from the types.
func (g *generator) Protocol() ([]byte, error) {
	page := protocolPage{
		Client: g.typeDocs(clientFrames()),
		Server: g.typeDocs(serverFrames()),
		Rows:   g.typeDocs(rowKinds()),
		Parts: g.typeDocs([]frame{
			{"Presence", reflect.TypeFor[wire.Presence]()}, {"ErrorBody", reflect.TypeFor[wire.ErrorBody]()},
		}),
		Closes: g.wire.named("Close"),
		Limits: limitDocs(g.root),
	}
	info, kinds := codes(), kindNames()
	for _, c := range g.root.named("Code") {
		about, ok := info[c.Value]
		if !ok {
			return nil, fmt.Errorf("error code %s has no line in internal/apidoc/errors.go", c.Value)
		}
		page.Codes = append(page.Codes, codeDoc{
			Code: c.Value, Kind: kinds[about.Kind], Meaning: about.Meaning,
			Status: wire.StatusOf(&myna.Error{Kind: about.Kind, Code: c.Value}),
		})
	}
	parsed, err := template.New("protocol").Parse(protocolTemplate)
	if err != nil {
		return nil, fmt.Errorf("parse protocol.md.tmpl: %w", err)
	}
	var out bytes.Buffer
	if err := parsed.Execute(&out, page); err != nil {
		return nil, fmt.Errorf("write protocol.md: %w", err)
	}
	return out.Bytes(), nil
}

func (g *generator) typeDocs(frames []frame) []typeDoc {
	var docs []typeDoc
	for _, f := range frames {
		doc := typeDoc{Name: f.Name, About: g.wire.docs[f.Type.Name()]}
		for i := range f.Type.NumField() {
			field := f.Type.Field(i)
			name := jsonName(field)
			if name == "type" {
				continue
			}
			doc.Fields = append(doc.Fields, fieldDoc{
				Name: name, Type: markdownType(f.Type, field), Optional: optional(field), About: field.Tag.Get("doc"),
			})
		}
		docs = append(docs, doc)
	}
	return docs
}

// markdownType is the TypeScript type, fit for a table cell.
func markdownType(owner reflect.Type, field reflect.StructField) string {
	if owner == reflect.TypeFor[wire.Change]() && field.Name == "Row" {
		return "the row"
	}
	return "`" + strings.ReplaceAll(fieldType(owner, field), " | ", "` or `") + "`"
}

// limitDocs pairs the values of wire.Bounds with the reasons that stand beside the constants.
func limitDocs(root source) []limitDoc {
	reasons := map[string]string{}
	for _, c := range root.constants {
		reasons[c.Name] = c.Comment
	}
	bounds := reflect.ValueOf(wire.Bounds())
	var docs []limitDoc
	for i := range bounds.NumField() {
		field := bounds.Type().Field(i)
		docs = append(docs, limitDoc{
			Name: jsonName(field), Value: bounds.Field(i).Int(), About: reasons[constantOf(field.Name)],
		})
	}
	return docs
}

// constantOf names the constant of limits.go behind a field of wire.Limits.
func constantOf(field string) string {
	switch field {
	case "PasswordRunes":
		return "MinPasswordRunes"
	case "UnreadBound", "DearFrame":
		return field
	case "PageSize":
		return "MaxPageSize"
	default:
		return "Max" + field
	}
}

// Number writes 262144 as 262,144.
func (l limitDoc) Number() string {
	text := strconv.FormatInt(l.Value, 10)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
