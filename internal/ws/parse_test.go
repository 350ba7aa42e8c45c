package ws

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/gobwas/ws"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/wire"
)

// whole is a message as the tests compare it.
type whole struct {
	Op   ws.OpCode
	Data string
}

// parseAll feeds b in pieces of these sizes, the rest at once.
func parseAll(b []byte, sizes ...int) (got []whole, held int, err error) {
	var p parser
	each := func(m message) { got = append(got, whole{m.op, string(m.data)}) }
	never := func() (bool, error) { return false, nil }
	for len(b) > 0 && err == nil {
		n := len(b)
		if len(sizes) > 0 {
			n, sizes = min(sizes[0], len(b)), sizes[1:]
		}
		err = p.feed(bytes.Clone(b[:n]), never, each)
		b = b[n:]
		held = max(held, cap(p.partial)+cap(p.text))
	}
	return got, held, err
}

// masked is a frame as a client sends it.
func masked(op ws.OpCode, fin bool, payload string) []byte {
	return ws.MustCompileFrame(ws.MaskFrameWith(ws.NewFrame(op, fin, []byte(payload)), [4]byte{1, 2, 3, 4}))
}

func TestParse(t *testing.T) {
	long := strings.Repeat("八", myna.MaxFrameBytes/3)
	join := func(frames ...[]byte) []byte { return bytes.Join(frames, nil) }
	huge := []byte{0x81, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4}
	tests := []struct {
		name string
		in   []byte
		want []whole
		err  error
	}{
		{"text", masked(ws.OpText, true, "hi"), []whole{{ws.OpText, "hi"}}, nil},
		{"empty text", masked(ws.OpText, true, ""), []whole{{ws.OpText, ""}}, nil},
		{"longest text", masked(ws.OpText, true, long), []whole{{ws.OpText, long}}, nil},
		{"two", join(masked(ws.OpText, true, "a"), masked(ws.OpText, true, "b")), []whole{{ws.OpText, "a"}, {ws.OpText, "b"}}, nil},
		{
			"control frames", join(masked(ws.OpPing, true, "p"), masked(ws.OpPong, true, ""), masked(ws.OpClose, true, "")),
			[]whole{{ws.OpPing, "p"}, {ws.OpPong, ""}, {ws.OpClose, ""}},
			nil,
		},
		{
			"fragments", join(masked(ws.OpText, false, "\xe5\x85"), masked(ws.OpPing, true, ""), masked(ws.OpContinuation, false, ""), masked(ws.OpContinuation, true, "\xab!")),
			[]whole{{ws.OpPing, ""}, {ws.OpText, "八!"}},
			nil,
		},
		{"unmasked", ws.MustCompileFrame(ws.NewTextFrame([]byte("hi"))), nil, ws.ErrProtocolMaskRequired},
		{"binary", masked(ws.OpBinary, true, "hi"), nil, errBinary},
		{"reserved bit", []byte{0xc1, 0x80, 1, 2, 3, 4}, nil, ws.ErrProtocolNonZeroRsv},
		{"reserved opcode", []byte{0x83, 0x80, 1, 2, 3, 4}, nil, ws.ErrProtocolOpCodeReserved},
		{"long ping", masked(ws.OpPing, true, strings.Repeat("x", 126)), nil, ws.ErrProtocolControlPayloadOverflow},
		{"ping in fragments", masked(ws.OpPing, false, "x"), nil, ws.ErrProtocolControlNotFinal},
		{"continues nothing", masked(ws.OpContinuation, true, "x"), nil, ws.ErrProtocolContinuationUnexpected},
		{"text in a text", join(masked(ws.OpText, false, "x"), masked(ws.OpText, true, "x")), nil, ws.ErrProtocolContinuationExpected},
		{"not UTF-8", masked(ws.OpText, true, "\xff"), nil, errNotUTF8},
		{"cut UTF-8", join(masked(ws.OpText, false, "\xe5\x85"), masked(ws.OpContinuation, true, "x")), nil, errNotUTF8},
		{"too large", masked(ws.OpText, true, strings.Repeat("x", myna.MaxFrameBytes+1)), nil, errTooLarge},
		{"only declared too large", huge, nil, errTooLarge},
		{"too large in fragments", join(masked(ws.OpText, false, strings.Repeat("x", myna.MaxFrameBytes)), masked(ws.OpContinuation, true, "x")), nil, errTooLarge},
		{"half a header", []byte{0x81}, nil, nil},
		{"half a frame", masked(ws.OpText, true, "hello")[:8], nil, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, size := range []int{len(tt.in), 1, 3, 4096} {
				var sizes []int
				for range len(tt.in)/size + 1 {
					sizes = append(sizes, size)
				}
				got, held, err := parseAll(tt.in, sizes...)
				if !errors.Is(err, tt.err) || cmp.Diff(tt.want, got) != "" {
					t.Fatalf("in pieces of %d: %d messages, %v; want %d, %v", size, len(got), err, len(tt.want), tt.err)
				}
				if most := 4 * myna.MaxFrameBytes; held > most {
					t.Errorf("in pieces of %d: %d bytes held, most %d", size, held, most)
				}
			}
		})
	}
}

// TestParseInAnyPieces cuts messages into any fragments and those into any pieces.
func TestParseInAnyPieces(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var in []byte
		var want, control []whole
		for range rapid.IntRange(1, 5).Draw(t, "messages") {
			text := rapid.StringN(-1, -1, 3000).Draw(t, "text")
			rest, op := text, ws.OpText
			for range rapid.IntRange(0, 3).Draw(t, "fragments") {
				cut := rapid.IntRange(0, len(rest)).Draw(t, "cut")
				in = append(in, masked(op, false, rest[:cut])...)
				rest, op = rest[cut:], ws.OpContinuation
				if rapid.Bool().Draw(t, "ping") {
					in = append(in, masked(ws.OpPing, true, "p")...)
					control = append(control, whole{ws.OpPing, "p"})
				}
			}
			in = append(in, masked(op, true, rest)...)
			want = append(want, whole{ws.OpText, text})
		}
		got, _, err := parseAll(in, rapid.SliceOf(rapid.IntRange(1, 2000)).Draw(t, "pieces")...)
		if err != nil {
			t.Fatal(err)
		}
		var texts, pings []whole
		for _, m := range got {
			if m.Op == ws.OpText {
				texts = append(texts, m)
			} else {
				pings = append(pings, m)
			}
		}
		if diff := cmp.Diff(want, texts) + cmp.Diff(control, pings); diff != "" {
			t.Fatal(diff)
		}
	})
}

func FuzzParse(f *testing.F) {
	f.Add(masked(ws.OpText, true, `{"type":"ping"}`), 3)
	f.Add(append(masked(ws.OpText, false, "a"), masked(ws.OpContinuation, true, "b")...), 1)
	f.Add(append(masked(ws.OpPing, true, "x"), masked(ws.OpClose, true, "\x03\xe8bye")...), 2)
	f.Add([]byte{0x81, 0xfe, 0xff, 0xff, 0, 0, 0, 0}, 5)
	f.Fuzz(func(t *testing.T, in []byte, size int) {
		once, _, err := parseAll(in)
		if size < 1 {
			return
		}
		var sizes []int
		for range len(in)/size + 1 {
			sizes = append(sizes, size)
		}
		pieces, held, err2 := parseAll(in, sizes...)
		if !errors.Is(err2, err) || cmp.Diff(once, pieces) != "" {
			t.Fatalf("at once %v %v, in pieces of %d %v %v", once, err, size, pieces, err2)
		}
		if held > 4*myna.MaxFrameBytes {
			t.Fatalf("%d bytes held", held)
		}
	})
}

// FuzzDecode gives the frame decoder any text: it must not fail, and what it refuses it must explain.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{
		`{"type":"post","nonce":"01J0000000000000000000000A","room":"r_0000000000001","text":"x"}`,
		`{"type":"fetch","ref":1,"scope":"directory","after":0}`, `{"type":"watch","users":["u_0000000000001"]}`,
		`{"type":"focus","active":true}`, `{"type":"read","seq":1e3}`, `{"ref":1,"type":"ping"}`, `{"type":"ping","type":"ping"}`, `[]`, `"`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		_ = idsOf(data)
		kind, err := typeOf(data)
		if err == nil {
			err = decodeOnly(kind, data)
		}
		if err == nil {
			return
		}
		if e := myna.AsError(err); e.Kind != myna.Invalid || e.Code == "" || len(e.Message) > 300 || len(e.Field) > 50 {
			t.Fatalf("%q: %+v", data, e)
		}
	})
}

func decodeOnly(kind string, data []byte) error {
	switch kind {
	case wire.FramePost:
		return with(data, nothing[wire.Post])
	case wire.FrameRead:
		return with(data, nothing[wire.Read])
	case wire.FrameTyping:
		return with(data, nothing[wire.Typing])
	case wire.FrameFocus:
		return with(data, nothing[wire.Focus])
	case wire.FrameWatch:
		return with(data, nothing[wire.Watch])
	case wire.FrameFetch:
		return with(data, nothing[wire.Fetch])
	default:
		return with(data, nothing[wire.Ping])
	}
}

func nothing[F any](F) error { return nil }
