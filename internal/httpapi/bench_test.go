package httpapi

import (
	"strconv"
	"testing"

	"github.com/go-json-experiment/json"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/wire"
)

func benchPage() wire.Page {
	page := wire.Page{Head: 900, LastSeq: 800, Older: true}
	for i := range int64(myna.PageSize) {
		page.Messages = append(page.Messages, wire.Message{
			Room: 1 << 50, Seq: i, Rev: i, Author: 1 << 51, Nonce: nonce(), CreatedAt: 1_795_401_590_123,
			Text: "message " + strconv.FormatInt(i, 10) + " with the usual length of about a hundred bytes, \"quoted\" here and there 你好",
		})
	}
	return page
}

// BenchmarkPage is the encoding of one page of history.
func BenchmarkPage(b *testing.B) {
	page := benchPage()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := json.Marshal(&page, jsonOptions()); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkHistory is the whole request, SQLite included.
func BenchmarkHistory(b *testing.B) {
	h := newHouse(b, "http://localhost:8080", unlimited)
	ann := h.owner()
	room := ann.channel("closed", "Bench").Room.ID
	for i := range 2 * myna.PageSize {
		ann.say(room, "message "+strconv.Itoa(i)+" with the usual length of about a hundred bytes and a little more than that")
	}
	b.ReportAllocs()
	for b.Loop() {
		if w := ann.do(get, "/rooms/"+room.String()+"/messages", nil); w.Code != 200 {
			b.Fatal(w.Body)
		}
	}
}

// BenchmarkSync is the first screen of somebody in 50 rooms.
func BenchmarkSync(b *testing.B) {
	h := newHouse(b, "http://localhost:8080", unlimited)
	ann := h.owner()
	for i := range 50 {
		room := ann.channel("closed", "Bench "+strconv.Itoa(i)).Room.ID
		ann.say(room, "hi")
	}
	b.ReportAllocs()
	for b.Loop() {
		if w := ann.do(get, "/sync", nil); w.Code != 200 {
			b.Fatal(w.Body)
		}
	}
}

// BenchmarkLimits is what a request costs that does nothing.
func BenchmarkLimits(b *testing.B) {
	h := newHouse(b, "http://localhost:8080", unlimited)
	p := h.nobody()
	b.ReportAllocs()
	for b.Loop() {
		p.do(get, "/limits", nil)
	}
}

func unlimited(o *Options) {
	o.Rates = Rates{User: Rate{1e9, 1e9}, Address: Rate{1e9, 1e9}}
	o.Log = nil
}
