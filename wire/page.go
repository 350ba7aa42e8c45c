package wire

import (
	"strconv"

	"github.com/myna-chat/myna"
)

// AppendPage appends the Page of these messages, without allocating for each: pages of history are the
// largest answers there are.
func AppendPage(b []byte, messages []myna.Message, head myna.Head, older, newer bool) []byte {
	b = append(b, `{"messages":[`...)
	for i, m := range messages {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendMessage(b, m)
	}
	b = append(b, `],"head":`...)
	b = strconv.AppendInt(b, head.Rev, 10)
	b = append(b, `,"last_seq":`...)
	b = strconv.AppendInt(b, head.Seq, 10)
	b = append(b, `,"older":`...)
	b = strconv.AppendBool(b, older)
	b = append(b, `,"newer":`...)
	b = strconv.AppendBool(b, newer)
	return append(b, '}')
}

// AppendChangePage appends the ChangePage of these rows.
func AppendChangePage(b []byte, scope myna.Scope, rows []myna.Change, head int64, more, reset bool) ([]byte, error) {
	b = append(b, `{"scope":"`...)
	b, _ = scope.AppendText(b) // a scope always has a text
	b = append(b, `","rows":[`...)
	for i, c := range rows {
		if i > 0 {
			b = append(b, ',')
		}
		var err error
		if b, err = AppendChange(b, c); err != nil {
			return b, err
		}
	}
	b = append(b, `],"head":`...)
	b = strconv.AppendInt(b, head, 10)
	b = append(b, `,"more":`...)
	b = strconv.AppendBool(b, more)
	b = append(b, `,"reset":`...)
	b = strconv.AppendBool(b, reset)
	return append(b, '}'), nil
}
