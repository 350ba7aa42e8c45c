package person

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/wire"
)

// Refusal is an answer that is not 2xx.
type Refusal struct {
	Status int
	wire.ErrorBody
	Text string // the body as it came
}

func (r *Refusal) Error() string {
	return fmt.Sprintf("%d %s: %s", r.Status, r.Code, r.Message)
}

// Call asks the REST API: in is sent as JSON unless it is nil or a string, which is sent as it is; the
// answer goes to out unless that is nil. path stands below /api/v1.
func (d *Device) Call(ctx context.Context, method, path string, in, out any) error {
	var body io.Reader
	switch text := in.(type) {
	case nil:
	case string:
		body = strings.NewReader(text)
	default:
		encoded, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(encoded)
	}
	request, err := http.NewRequestWithContext(ctx, method, d.base+"/api/v1"+path, body)
	if err != nil {
		return err
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if d.token != "" {
		request.Header.Set("Authorization", "Bearer "+d.token)
	}
	request.Header.Set("User-Agent", "e2e/1.0 (story)")
	answer, err := d.http.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	if answer.StatusCode >= 300 {
		refusal := &Refusal{Status: answer.StatusCode, Text: string(text)}
		var failure wire.Failure
		if json.Unmarshal(text, &failure) == nil {
			refusal.ErrorBody = failure.Error
		}
		return refusal
	}
	if out == nil || len(text) == 0 {
		return nil
	}
	if err := json.Unmarshal(text, out); err != nil {
		return fmt.Errorf("%s %s answered %q: %w", method, path, text, err)
	}
	return nil
}

func (d *Device) get(ctx context.Context, path string, query url.Values, out any) error {
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	return d.Call(ctx, http.MethodGet, path, nil, out)
}

// roomPath is the path of a room's own resources.
func roomPath(room myna.RoomID, rest string) string { return "/rooms/" + room.String() + rest }

// NewNonce is a fresh nonce for something to be made.
func NewNonce() myna.Nonce { return newNonce() }
