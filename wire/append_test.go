package wire

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/myna-chat/myna"
)

// The times of year 0 to 9999: outside of them RFC 3339 has no text and encoding/json refuses.
const (
	firstTime = -62_167_219_200_000
	lastTime  = 253_402_300_799_999
)

func anyText() *rapid.Generator[string] {
	raw := rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) })
	odd := rapid.Map(rapid.SliceOf(rapid.SampledFrom([]rune("ab\"\\/<>&\x00\x07\b\f\n\r\t\x1f\x7f\u2028\u2029\ufffd八哥🐦"))),
		func(r []rune) string { return string(r) })
	return rapid.OneOf(rapid.String(), raw, odd)
}

func anyTime() *rapid.Generator[myna.Time] {
	return rapid.Map(rapid.OneOf(rapid.Just(int64(0)), rapid.Int64Range(firstTime, lastTime)),
		func(n int64) myna.Time { return myna.Time(n) })
}

func anyMessage() *rapid.Generator[myna.Message] {
	return rapid.Custom(func(t *rapid.T) myna.Message {
		m := myna.Message{
			Room:      myna.RoomID(rapid.Int64Min(0).Draw(t, "room")),
			Seq:       rapid.Int64().Draw(t, "seq"),
			Rev:       rapid.Int64().Draw(t, "rev"),
			Author:    myna.UserID(rapid.Int64Min(0).Draw(t, "author")),
			Text:      anyText().Draw(t, "text"),
			CreatedAt: anyTime().Draw(t, "created"),
			EditedAt:  anyTime().Draw(t, "edited"),
			DeletedAt: anyTime().Draw(t, "deleted"),
		}
		copy(m.Nonce[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "nonce"))
		for _, u := range rapid.SliceOfN(rapid.Int64Min(0), 0, 4).Draw(t, "mentions") {
			m.Mentions = append(m.Mentions, myna.UserID(u))
		}
		return m
	})
}

func anyScope() *rapid.Generator[myna.Scope] {
	return rapid.Custom(func(t *rapid.T) myna.Scope {
		id := rapid.Int64Min(1).Draw(t, "id")
		switch rapid.IntRange(1, 3).Draw(t, "kind") {
		case 1:
			return myna.Directory()
		case 2:
			return myna.UserID(id).Scope()
		default:
			return myna.RoomID(id).Scope()
		}
	})
}

func TestAppendedChangeIsWhatEncodingJSONWrites(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := myna.Change{Scope: anyScope().Draw(t, "scope"), Rev: rapid.Int64().Draw(t, "rev"), Row: anyMessage().Draw(t, "row")}
		want, err := Append(nil, ChangeOf(c))
		if err != nil {
			t.Fatal(err)
		}
		got, err := AppendChange(nil, c)
		if err != nil || string(got) != string(want) {
			t.Fatalf("got  %s\nwant %s (%v)", got, want, err)
		}
	})
}

func TestAppendedAckIsWhatEncodingJSONWrites(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := anyMessage().Draw(t, "message")
		a := Ack{Type: FrameAck, Nonce: m.Nonce, Room: m.Room, Seq: m.Seq, Rev: m.Rev, CreatedAt: m.CreatedAt}
		want, err := Append(nil, a)
		if err != nil {
			t.Fatal(err)
		}
		if got := AppendAck(nil, a); string(got) != string(want) {
			t.Fatalf("got  %s\nwant %s", got, want)
		}
	})
}

func TestAppendedHeadsDecode(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		heads := map[myna.Scope]int64{}
		for range rapid.IntRange(0, 5).Draw(t, "n") {
			heads[anyScope().Draw(t, "scope")] = rapid.Int64().Draw(t, "rev")
		}
		ready := Ready{Type: FrameReady, User: 1, Session: 2, Version: anyText().Draw(t, "version"), Now: anyTime().Draw(t, "now"), Heads: heads}
		b, resync := AppendReady(nil, ready), AppendResync(nil)
		for s, rev := range heads {
			b, resync = AppendHead(b, s, rev), AppendHead(resync, s, rev)
		}
		sameDecoded(t, append(b, "}}"...), ready)
		sameDecoded(t, append(resync, "}}"...), Resync{Type: FrameResync, Heads: heads})
	})
}

// sameDecoded compares what two encodings decode to: a map's keys have no order here.
func sameDecoded[T any](t *rapid.T, got []byte, want T) {
	t.Helper()
	encoded, err := Append(nil, want)
	if err != nil {
		t.Fatal(err)
	}
	var a, b T
	if err := json.Unmarshal(got, &a); err != nil {
		t.Fatalf("%s: %v", got, err)
	}
	if err := json.Unmarshal(encoded, &b); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(b, a); diff != "" {
		t.Fatal(diff)
	}
}

func TestAppendLeavesHTMLAlone(t *testing.T) {
	got, err := Append([]byte("x"), ErrorFrame{Type: FrameError, Error: ErrorBody{Code: "c", Message: "<a>&"}})
	if want := `x{"type":"error","error":{"code":"c","message":"<a>&"}}`; err != nil || string(got) != want {
		t.Fatalf("got %s (%v), want %s", got, err, want)
	}
}

func FuzzAppendString(f *testing.F) {
	for _, s := range []string{"", "plain", "\"\\\x00\x1f\x7f", "八哥\u2028\xff\xc0", "<script>&"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		want, err := Append(nil, s)
		if err != nil {
			t.Fatal(err)
		}
		if got := appendString(nil, s); string(got) != string(want) {
			t.Fatalf("got %s, want %s", got, want)
		}
	})
}

func BenchmarkAppendChange(b *testing.B) {
	text := make([]byte, 200)
	for i := range text {
		text[i] = byte('a' + i%26)
	}
	c := myna.Change{Scope: myna.RoomID(7).Scope(), Rev: 12345, Row: myna.Message{Room: 7, Seq: 9000, Rev: 12345, Author: 8, Text: string(text), CreatedAt: 1_760_000_000_000}}
	buf := make([]byte, 0, 1024)
	b.ReportAllocs()
	for b.Loop() {
		buf, _ = AppendChange(buf[:0], c)
	}
}
