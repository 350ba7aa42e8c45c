package apidoc

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unicode"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/wire"
)

// alias is a Go type that travels as a string.
type alias struct {
	Type reflect.Type
	Doc  string
}

func aliases() []alias {
	return []alias{
		{reflect.TypeFor[myna.UserID](), "A person: \"u_\" and 13 characters."},
		{reflect.TypeFor[myna.RoomID](), "A room: \"r_\" and 13 characters."},
		{reflect.TypeFor[myna.SessionID](), "A signed-in device: \"s_\" and 13 characters."},
		{reflect.TypeFor[myna.InviteID](), "An invite link: \"i_\" and 13 characters."},
		{reflect.TypeFor[myna.Nonce](), "A ULID: 26 characters of Crockford's base 32."},
		{reflect.TypeFor[myna.Scope](), "\"directory\", a UserID or a RoomID."},
		{reflect.TypeFor[myna.Time](), "RFC 3339 in UTC with milliseconds."},
	}
}

// TypeScript writes web/src/wire.ts.
func (g *generator) TypeScript() []byte {
	t := &typescript{g: g}
	t.line("// Generated from the Go types by `make generate`. Do not edit.")
	t.line("")
	for _, alias := range aliases() {
		t.line("/** %s */", alias.Doc)
		t.line("export type %s = string;", alias.Type.Name())
	}
	t.constants()
	for _, section := range sections() {
		t.line("")
		t.line("// %s", section.Title)
		for _, typ := range section.Types {
			t.line("")
			t.declare(typ)
		}
	}
	t.frames()
	return []byte(t.out.String())
}

type typescript struct {
	g   *generator
	out strings.Builder
}

func (t *typescript) line(format string, args ...any) {
	fmt.Fprintf(&t.out, format+"\n", args...)
}

func (t *typescript) constants() {
	t.line("")
	t.line("/** Every error code a server of this version sends. */")
	t.line("export type ErrorCode =")
	codes := t.g.root.named("Code")
	for i, c := range codes {
		end := ""
		if i == len(codes)-1 {
			end = ";"
		}
		t.line("  | %s%s", quote(c.Value), end)
	}
	t.line("")
	t.line("/** Close codes of the WebSocket. */")
	t.line("export const closeCode = {")
	for _, c := range t.g.wire.named("Close") {
		if c.Comment != "" {
			t.line("  /** %s */", sentence(c.Comment))
		}
		t.line("  %s: %s,", lowerFirst(c.Name), c.Value)
	}
	t.line("} as const;")
	t.line("")
	t.line("/** The limits of this version, the same as GET /api/v1/limits answers. */")
	t.line("export const limits = {")
	bounds := reflect.ValueOf(wire.Bounds())
	for i := range bounds.NumField() {
		t.line("  %s: %d,", jsonName(bounds.Type().Field(i)), bounds.Field(i).Int())
	}
	t.line("} as const satisfies Limits;")
}

// declare writes one type. A change is a union over the kinds, so that checking kind narrows row.
func (t *typescript) declare(typ reflect.Type) {
	t.comment("", t.g.wire.docs[typ.Name()])
	if typ == reflect.TypeFor[wire.Change]() {
		t.line("export type Change = {")
		t.line("  [K in RowKind]: { type: 'change'; scope: Scope; rev: number; kind: K; row: RowTypes[K] };")
		t.line("}[RowKind];")
		return
	}
	t.line("export interface %s {", typ.Name())
	for i := range typ.NumField() {
		field := typ.Field(i)
		t.comment("  ", field.Tag.Get("doc"))
		mark := ""
		if optional(field) {
			mark = "?"
		}
		t.line("  %s%s: %s;", jsonName(field), mark, fieldType(typ, field))
	}
	t.line("}")
}

func (t *typescript) comment(indent, text string) {
	if text != "" {
		t.line("%s/** %s */", indent, strings.ReplaceAll(text, "*/", "* /"))
	}
}

func (t *typescript) frames() {
	t.line("")
	t.line("/** The row each kind of change carries. */")
	t.line("export interface RowTypes {")
	for _, row := range rowKinds() {
		t.line("  %s: %s;", row.Name, row.Type.Name())
	}
	t.line("}")
	t.line("export type RowKind = keyof RowTypes;")
	t.line("")
	t.line("/** What a client sends. */")
	t.line("export type ClientFrame = %s;", names(clientFrames()))
	t.line("")
	t.line("/** What the server sends. */")
	t.line("export type ServerFrame = %s;", names(serverFrames()))
}

func names(frames []frame) string {
	var list []string
	for _, f := range frames {
		list = append(list, f.Type.Name())
	}
	return strings.Join(list, " | ")
}

func fieldType(owner reflect.Type, field reflect.StructField) string {
	if owner == reflect.TypeFor[wire.ErrorBody]() && field.Name == "Code" {
		return "ErrorCode"
	}
	if enum, ok := field.Tag.Lookup("enum"); ok {
		var values []string
		for value := range strings.SplitSeq(enum, ",") {
			values = append(values, quote(value))
		}
		return strings.Join(values, " | ")
	}
	return typeName(field.Type)
}

func typeName(typ reflect.Type) string {
	if slices.ContainsFunc(aliases(), func(a alias) bool { return a.Type == typ }) {
		return typ.Name()
	}
	switch typ.Kind() {
	case reflect.Pointer:
		return typeName(typ.Elem())
	case reflect.Slice:
		return typeName(typ.Elem()) + "[]"
	case reflect.Map:
		return fmt.Sprintf("Record<%s, %s>", typeName(typ.Key()), typeName(typ.Elem()))
	case reflect.Struct:
		return typ.Name()
	case reflect.Bool:
		return "boolean"
	case reflect.Int, reflect.Int64:
		return "number"
	case reflect.String:
		return "string"
	default:
		panic("no TypeScript for " + typ.String())
	}
}

func jsonName(field reflect.StructField) string {
	name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
	return name
}

func optional(field reflect.StructField) bool {
	tag := field.Tag.Get("json")
	return strings.Contains(tag, ",omitempty") || strings.Contains(tag, ",omitzero")
}

func quote(s string) string { return "'" + s + "'" }

func lowerFirst(name string) string {
	runes := []rune(name)
	for i := range runes {
		last := i+1 >= len(runes)
		if !unicode.IsUpper(runes[i]) || i > 0 && !last && !unicode.IsUpper(runes[i+1]) {
			break
		}
		runes[i] = unicode.ToLower(runes[i])
	}
	return string(runes)
}

func sentence(s string) string {
	return strings.ToUpper(s[:1]) + strings.TrimSuffix(s[1:], ".") + "."
}
