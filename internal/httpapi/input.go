package httpapi

import (
	"encoding"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/myna-chat/myna"
)

// bodyField is the field of an input type that takes the JSON body.
const bodyField = "Body"

// decoder fills an input type. It is compiled once a route; at request time it only follows the list.
//
// Fields with the tag path:"name" or query:"name" take a parameter: a string, a bool, an integer
// (bounded by the tags minimum and maximum), anything that unmarshals from text, or a pointer to one of
// these if 0 and "left out" differ. The field called Body takes the JSON body. What a request has beyond these is refused.
type decoder struct {
	path  []parameter
	query map[string]parameter
	body  int // index of the field, -1 if there is none
}

type parameter struct {
	name     string
	index    int
	min, max int64
	field    reflect.StructField
}

func newDecoder(input reflect.Type) *decoder {
	d := &decoder{query: map[string]parameter{}, body: -1}
	for i := range input.NumField() {
		field := input.Field(i)
		p := parameter{index: i, field: field, min: bound(field, "minimum", 0), max: bound(field, "maximum", 1<<53-1)}
		if name, ok := field.Tag.Lookup("path"); ok {
			p.name = name
			d.path = append(d.path, p)
		} else if name, ok := field.Tag.Lookup("query"); ok {
			p.name = name
			d.query[name] = p
		} else if field.Name == bodyField {
			d.body = i
		}
	}
	return d
}

func bound(field reflect.StructField, tag string, otherwise int64) int64 {
	text, ok := field.Tag.Lookup(tag)
	if !ok {
		return otherwise
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		panic(fmt.Sprintf("%s: tag %s: %v", field.Name, tag, err)) // found by any test: the table is fixed
	}
	return n
}

func (d *decoder) decode(c *call, into reflect.Value) error {
	for _, p := range d.path {
		if err := p.set(into.Field(p.index), c.r.PathValue(p.name)); err != nil {
			return err
		}
	}
	if c.r.URL.RawQuery != "" {
		if err := d.decodeQuery(c.r.URL.RawQuery, into); err != nil {
			return err
		}
	}
	if d.body >= 0 {
		return decodeBody(c, into.Field(d.body).Addr().Interface())
	}
	return nil
}

func (d *decoder) decodeQuery(raw string, into reflect.Value) error {
	values, err := url.ParseQuery(raw)
	if err != nil {
		return myna.Errorf(myna.Invalid, myna.CodeBadValue, "the query of the address cannot be read: %w", err)
	}
	for name, given := range values {
		p, known := d.query[name]
		if !known {
			return myna.Errorf(myna.Invalid, myna.CodeUnknownField, "there is no query parameter %q here", clip(name)).In(clip(name))
		}
		if len(given) > 1 {
			return myna.Errorf(myna.Invalid, myna.CodeBadValue, "the query parameter %s is given twice", name).In(name)
		}
		if err := p.set(into.Field(p.index), given[0]); err != nil {
			return err
		}
	}
	return nil
}

func (p *parameter) set(field reflect.Value, text string) error {
	if !utf8.ValidString(text) {
		return myna.Errorf(myna.Invalid, myna.CodeBadValue, "%s is not UTF-8", p.name).In(p.name)
	}
	if into, ok := field.Addr().Interface().(encoding.TextUnmarshaler); ok && field.Kind() != reflect.Pointer {
		if err := into.UnmarshalText([]byte(text)); err != nil {
			return myna.AsError(err).In(p.name)
		}
		return nil
	}
	switch field.Kind() {
	case reflect.Pointer:
		field.Set(reflect.New(field.Type().Elem()))
		return p.set(field.Elem(), text)
	case reflect.String:
		field.SetString(text)
	case reflect.Bool:
		value, err := strconv.ParseBool(text)
		if err != nil {
			return myna.Errorf(myna.Invalid, myna.CodeBadValue, "%s must be true or false", p.name).In(p.name)
		}
		field.SetBool(value)
	default:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n < p.min || n > p.max {
			return myna.Errorf(myna.Invalid, myna.CodeBadValue, "%s must be a whole number from %d to %d", p.name, p.min, p.max).In(p.name)
		}
		field.SetInt(n)
	}
	return nil
}

// decodeBody reads the JSON body, refusing what is too large, not UTF-8, has unknown fields, the same
// field twice, or anything after the value. Its errors never repeat the body.
func decodeBody(c *call, into any) error {
	if kind, _, err := mime.ParseMediaType(c.r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return myna.Errorf(myna.Invalid, myna.CodeBadJSON, "send the body with Content-Type: application/json")
	}
	body, err := readBody(c)
	if err != nil {
		return err
	}
	if !utf8.Valid(body) {
		return myna.Errorf(myna.Invalid, myna.CodeBadJSON, "the body is not UTF-8")
	}
	if err := json.Unmarshal(body, into, json.RejectUnknownMembers(true)); err != nil {
		return explain(err)
	}
	return nil
}

func readBody(c *call) ([]byte, error) {
	tooLarge := myna.Errorf(myna.Invalid, myna.CodeTooLarge, "the body has more than %d bytes", myna.MaxBodyBytes)
	if c.r.ContentLength > myna.MaxBodyBytes {
		c.w.Header().Set("Connection", "close")
		return nil, tooLarge
	}
	body, err := io.ReadAll(http.MaxBytesReader(c.w, c.r.Body, myna.MaxBodyBytes))
	if err != nil {
		if _, over := errors.AsType[*http.MaxBytesError](err); over {
			return nil, tooLarge
		}
		return nil, myna.Errorf(myna.Invalid, myna.CodeBadJSON, "the body broke off while it was read: %w", err)
	}
	return body, nil
}

// explain turns a decoding error into one that names the field and the fault, without the value.
func explain(err error) error {
	if e, ok := errors.AsType[*myna.Error](err); ok {
		if semantic, ok := errors.AsType[*json.SemanticError](err); ok && e.Field == "" {
			return e.In(fieldOf(semantic.JSONPointer))
		}
		return e
	}
	if semantic, ok := errors.AsType[*json.SemanticError](err); ok {
		field := fieldOf(semantic.JSONPointer)
		if errors.Is(err, json.ErrUnknownName) {
			return myna.Errorf(myna.Invalid, myna.CodeUnknownField, "there is no field %q here", field).In(field)
		}
		return myna.Errorf(myna.Invalid, myna.CodeBadJSON, "%s must be %s, not a JSON %s",
			orBody(field), jsonKind(semantic.GoType), semantic.JSONKind).In(field)
	}
	if syntactic, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		if errors.Is(err, jsontext.ErrDuplicateName) {
			field := fieldOf(syntactic.JSONPointer)
			return myna.Errorf(myna.Invalid, myna.CodeBadJSON, "the field %q is given twice", field).In(field)
		}
		return myna.Errorf(myna.Invalid, myna.CodeBadJSON, "the body is not JSON: wrong at byte %d", syntactic.ByteOffset)
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return myna.Errorf(myna.Invalid, myna.CodeBadJSON, "the body is empty or ends too early; send a JSON object")
	}
	return myna.Errorf(myna.Invalid, myna.CodeBadJSON, "the body cannot be read as JSON")
}

// fieldOf writes a JSON pointer like "/users/3" the way people write it: "users.3".
func fieldOf(pointer jsontext.Pointer) string {
	return clip(strings.Join(tokens(pointer), "."))
}

func tokens(pointer jsontext.Pointer) []string {
	var list []string
	for token := range pointer.Tokens() {
		list = append(list, token)
	}
	return list
}

func orBody(field string) string {
	if field == "" {
		return "the body"
	}
	return field
}

func jsonKind(typ reflect.Type) string {
	if typ == nil {
		return "something else"
	}
	for typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	switch typ.Kind() {
	case reflect.Struct, reflect.Map:
		return "an object"
	case reflect.Slice:
		return "a list"
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Int64:
		if typ.PkgPath() == "" {
			return "a whole number"
		}
	}
	return "a string"
}

// clip keeps what is repeated from a request short.
func clip(text string) string {
	const most = 60
	if len(text) > most {
		return strings.ToValidUTF8(text[:most], "") + "…"
	}
	return text
}
