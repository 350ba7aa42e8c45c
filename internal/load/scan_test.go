package load

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/wire"
)

const testSalt = "0A1B2C3D"

func messageFrame(t testing.TB, text string, number int64) []byte {
	t.Helper()
	nonce, err := myna.ParseNonce(string(appendNonce(nil, 1_760_000_000_000, testSalt, number)))
	if err != nil {
		t.Fatal(err)
	}
	room := myna.RoomID(1 << 45)
	b, err := json.Marshal(wire.Change{
		Type: wire.FrameChange, Scope: room.Scope(), Rev: 1234, Kind: myna.KindMessage,
		Row: wire.Message{Room: room, Seq: 987, Rev: 1234, Author: 5, Nonce: nonce, Text: text, CreatedAt: 1_760_000_000_000},
	})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestScanChange(t *testing.T) {
	room := myna.RoomID(1 << 45).String()
	for name, text := range map[string]string{
		"plain": "hello", "quotes": `"type":"change","scope":"r_"`, "chinese": "八哥说话", "empty": "",
	} {
		t.Run(name, func(t *testing.T) {
			b := messageFrame(t, text, 31_415_926_535)
			ch, _, fast := scanChangePrefix(b)
			if !fast {
				t.Fatalf("not scanned: %s", b)
			}
			if string(ch.scope) != room || ch.rev != 1234 || ch.seq != 987 || !ch.message {
				t.Errorf("got %+v of %s", ch, b)
			}
			if n := numberOf(ch.nonce, testSalt); n != 31_415_926_535 {
				t.Errorf("the nonce holds number %d", n)
			}
			if !sameChange(b, ch, len(text)) {
				t.Error("the full decode disagrees")
			}
			ch.seq++
			if sameChange(b, ch, len(text)) {
				t.Error("a wrong seq was not noticed by the full decode")
			}
		})
	}
}

func TestScanChangeInAnyOrder(t *testing.T) {
	var m map[string]any
	if err := json.Unmarshal(messageFrame(t, "hello", 7), &m); err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(m) // keys in alphabetical order
	if err != nil {
		t.Fatal(err)
	}
	if _, _, fast := scanChangePrefix(b); fast {
		t.Fatalf("this frame should need the slow way: %s", b)
	}
	ch, ok := scanChange(b)
	if !ok || ch.rev != 1234 || ch.seq != 987 || numberOf(ch.nonce, testSalt) != 7 {
		t.Errorf("got %+v, %v", ch, ok)
	}
}

func TestScanOtherRows(t *testing.T) {
	b := []byte(`{"type":"change","scope":"directory","rev":5,"kind":"user","row":{"id":"u_0000000000001","rev":5}}`)
	ch, ok := scanChange(b)
	if !ok || ch.message || string(ch.scope) != "directory" || ch.rev != 5 {
		t.Errorf("got %+v, %v", ch, ok)
	}
}

func TestScanAck(t *testing.T) {
	want, err := json.Marshal(wire.Ack{Type: wire.FrameAck, Nonce: myna.Nonce{1}, Room: 99, Seq: 5, Rev: 6})
	if err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{
		"as sent": want,
		"spaced":  bytes.ReplaceAll(want, []byte(`,`), []byte(`, `)),
	} {
		a, ok := scanAck(b)
		if !ok || a.seq != 5 || a.rev != 6 || string(a.room) != myna.RoomID(99).String() || string(a.nonce) != (myna.Nonce{1}).String() {
			t.Errorf("%s: got %+v, %v", name, a, ok)
		}
	}
}

func TestNumberOfStrangers(t *testing.T) {
	ours := string(appendNonce(nil, 1, testSalt, 5))
	for name, nonce := range map[string]string{
		"short": ours[:25], "other salt": string(appendNonce(nil, 1, "ZZZZZZZZ", 5)), "bad digit": ours[:25] + "U",
	} {
		if n := numberOf([]byte(nonce), testSalt); n != 0 {
			t.Errorf("%s: %q has number %d", name, nonce, n)
		}
	}
}

func FuzzScanChange(f *testing.F) {
	f.Add(messageFrame(f, "hello", 1))
	f.Add([]byte(`{"type":"change","scope":"directory","rev":5,"kind":"user","row":{}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		ch, _, fast := scanChangePrefix(b)
		if !fast || !json.Valid(b) || !bytes.Equal(b, compact(b)) {
			return
		}
		// where both ways can read a frame and no key comes twice, they agree
		if slow, ok := decodeChange(b); ok && bytes.Count(b, []byte(`"seq"`)) == 1 && bytes.Count(b, []byte(`"rev"`)) == 2 &&
			ch.message && slow.message && slow.seq != ch.seq {
			t.Errorf("fast %+v, slow %+v of %s", ch, slow, b)
		}
	})
}

func compact(b []byte) []byte {
	var out bytes.Buffer
	if json.Compact(&out, b) != nil {
		return nil
	}
	return out.Bytes()
}

func BenchmarkScanChange(b *testing.B) {
	frame := messageFrame(b, string(bytes.Repeat([]byte("x"), 200)), 12345)
	b.SetBytes(int64(len(frame)))
	b.ReportAllocs()
	for b.Loop() {
		ch, ok := scanChange(frame)
		if !ok || numberOf(ch.nonce, testSalt) != 12345 {
			b.Fatal("not scanned")
		}
	}
}
