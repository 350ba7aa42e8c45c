package httpapi

import (
	"fmt"
	"net/http"
	"reflect"

	"github.com/myna-chat/myna"
)

// access says who is let through to a route's handler.
type access uint8

const (
	// public routes answer anybody; requests are counted by address.
	public access = iota + 1
	// session routes need a session, and Can must allow the verb on the server as a whole.
	session
	// inRoom routes need a session; the verb is decided in chat, where the room and the asker's place
	// in it are known.
	inRoom
	// upgrade is the WebSocket: its handler proves the session and the Origin itself.
	upgrade
	// loopback routes exist only with Options.Load and answer only peers on this machine.
	loopback
)

func (a access) String() string {
	switch a {
	case public:
		return "public"
	case session:
		return "session"
	case inRoom:
		return "room"
	case upgrade:
		return "upgrade"
	case loopback:
		return "loopback"
	default:
		return "none"
	}
}

// route is one line of the table in routes.go. The first four columns are the contract: a route that
// leaves one out is refused by New.
type route struct {
	method string
	path   string // below /api/v1, with {names} for what the input takes from it
	access access
	verb   myna.Verb // none for public routes
	endpoint
	id      string // operationId in OpenAPI
	tag     string
	summary string
	about   string // more than the summary says
	status  int    // of a good answer; 200 or, without a body, 204 if left 0
}

// endpoint is a handler with its input and output types kept for the description. Either serve or raw
// is set.
type endpoint struct {
	input  reflect.Type
	output reflect.Type
	serve  func(*call) error
	raw    http.Handler
}

// none is the output of a handler that has nothing to say.
type none struct{}

// file is the output of a handler that sends something other than JSON made from a type.
type file struct {
	mediaType string
	body      []byte
}

// encoder is an output that writes its own JSON; shownAs says what it looks like.
type encoder interface {
	appendJSON(b []byte) ([]byte, error)
}

// shownAs describes the endpoint's output by the type of sample.
func (e endpoint) shownAs(sample any) endpoint {
	e.output = reflect.TypeOf(sample)
	return e
}

// typed wraps a handler: the input is decoded from path, query and body as the tags of In say, the
// output is encoded as JSON.
func typed[In, Out any](handle func(*call, *In) (Out, error)) endpoint {
	decoder := newDecoder(reflect.TypeFor[In]())
	return endpoint{
		input:  reflect.TypeFor[In](),
		output: reflect.TypeFor[Out](),
		serve: func(c *call) error {
			in := new(In)
			if err := decoder.decode(c, reflect.ValueOf(in).Elem()); err != nil {
				return err
			}
			out, err := handle(c, in)
			if err != nil {
				return err
			}
			switch out := any(&out).(type) {
			case *none:
				c.answerNothing()
				return nil
			case *file:
				c.sendFile(out)
				return nil
			case encoder:
				return c.answerEncoded(out)
			default:
				return c.answer(out)
			}
		},
	}
}

// raw is a handler that does everything itself.
func raw(handler http.Handler) endpoint { return endpoint{raw: handler} }

// goodStatus is the status of the answer when nothing goes wrong.
func (t *route) goodStatus() int {
	switch {
	case t.status != 0:
		return t.status
	case t.output == reflect.TypeFor[none]():
		return http.StatusNoContent
	default:
		return http.StatusOK
	}
}

// check refuses a line of the table that leaves open who may use it.
func (t *route) check() error {
	switch {
	case t.method == "" || t.path == "":
		return fmt.Errorf("route %s %s: method and path are needed", t.method, t.path)
	case t.access.String() == "none":
		return fmt.Errorf("route %s %s: access is needed", t.method, t.path)
	case t.verb == 0 && (t.access == session || t.access == inRoom):
		return fmt.Errorf("route %s %s: a verb is needed", t.method, t.path)
	case t.verb != 0 && (t.access == public || t.access == loopback):
		return fmt.Errorf("route %s %s: a verb needs a session to be asked for", t.method, t.path)
	case t.serve == nil && t.raw == nil && t.access != upgrade:
		return fmt.Errorf("route %s %s: a handler is needed", t.method, t.path)
	case t.id == "" || t.tag == "" || t.summary == "":
		return fmt.Errorf("route %s %s: id, tag and summary are needed", t.method, t.path)
	}
	return nil
}
