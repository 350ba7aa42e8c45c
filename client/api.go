package client

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/wire"
)

// mostAnswer bounds what is read of an answer: a page of 200 of the longest messages, or the bulk route's
// 20,000 accounts, fit.
const mostAnswer = 16 << 20

// API makes REST calls with one person's token. It is safe for concurrent use; errors are *myna.Error
// with the server's code, or what the network said.
type API struct {
	base  *url.URL
	token string
	http  *http.Client
}

// New gives an API for the server at baseURL, for instance https://chat.example.org or, below a path,
// https://example.org/chat. An http.Client of nil means one with a timeout of 30 seconds.
func New(baseURL, token string, hc *http.Client) (*API, error) {
	base, err := url.Parse(baseURL)
	if err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" {
		return nil, fmt.Errorf("%q is not the address of a server: write it like https://chat.example.org", baseURL)
	}
	if hc == nil {
		hc = &http.Client{Timeout: 30 * time.Second}
	}
	return &API{base: base, token: token, http: hc}, nil
}

// As gives an API for somebody else on the same server.
func (a *API) As(token string) *API { return &API{base: a.base, token: token, http: a.http} }

// Login starts a session and gives its bearer token, to be kept like a password.
func Login(ctx context.Context, baseURL, username, password string) (token string, err error) {
	a, err := New(baseURL, "", nil)
	if err != nil {
		return "", err
	}
	in, err := Call[wire.SignedIn](ctx, a, http.MethodPost, "sessions", nil, wire.Login{Username: username, Password: password, Token: true})
	return in.Token, err
}

// Logout ends the token's session.
func (a *API) Logout(ctx context.Context) error {
	_, err := Call[struct{}](ctx, a, http.MethodDelete, "sessions/current", nil, nil)
	return err
}

// Sync gives everything a first screen needs, in one snapshot; its heads are the cursors to dial with.
func (a *API) Sync(ctx context.Context) (wire.Sync, error) {
	return Call[wire.Sync](ctx, a, http.MethodGet, "sync", nil, nil)
}

// CursorsOf are the cursors that continue where a Sync left off.
func CursorsOf(s wire.Sync) map[myna.Scope]int64 {
	cursors := map[myna.Scope]int64{myna.Directory(): s.Directory, s.Me.ID.Scope(): s.User}
	for _, r := range s.Rooms {
		cursors[r.Room.ID.Scope()] = r.Head
	}
	return cursors
}

// MessagesQuery picks a page of a room's history: the messages around, before or after a seq, at most
// one of the three; none of them: the newest page.
type MessagesQuery struct {
	Before, After, Around *int64
	Limit                 int // 0: as the server has it
}

// Messages gives a page of a room's history in seq order.
func (a *API) Messages(ctx context.Context, room myna.RoomID, q MessagesQuery) (wire.Page, error) {
	v := url.Values{}
	for name, seq := range map[string]*int64{"before": q.Before, "after": q.After, "around": q.Around} {
		if seq != nil {
			v.Set(name, strconv.FormatInt(*seq, 10))
		}
	}
	if q.Limit > 0 {
		v.Set("limit", strconv.Itoa(q.Limit))
	}
	return Call[wire.Page](ctx, a, http.MethodGet, "rooms/"+room.String()+"/messages", v, nil)
}

// CreateRoom makes a channel or a conversation; a zero nonce is filled in.
func (a *API) CreateRoom(ctx context.Context, in wire.CreateRoom) (wire.FollowedRoom, error) {
	if in.Nonce == (myna.Nonce{}) {
		in.Nonce = NewNonce()
	}
	return Call[wire.FollowedRoom](ctx, a, http.MethodPost, "rooms", nil, in)
}

// Join enters an open room.
func (a *API) Join(ctx context.Context, room myna.RoomID) (wire.FollowedRoom, error) {
	return Call[wire.FollowedRoom](ctx, a, http.MethodPost, "rooms/"+room.String()+"/join", nil, nil)
}

// Leave leaves a room.
func (a *API) Leave(ctx context.Context, room myna.RoomID) error {
	_, err := Call[struct{}](ctx, a, http.MethodPost, "rooms/"+room.String()+"/leave", nil, nil)
	return err
}

// AddMembers brings people into a room.
func (a *API) AddMembers(ctx context.Context, room myna.RoomID, users ...myna.UserID) error {
	_, err := Call[struct{}](ctx, a, http.MethodPost, "rooms/"+room.String()+"/members", nil, wire.AddMembers{Users: users})
	return err
}

// Call makes any other call of docs/api: path is relative to /api/v1/, in becomes the JSON body unless
// it is nil, and Out is what the answer holds (struct{} if it holds nothing).
func Call[Out any](ctx context.Context, a *API, method, path string, query url.Values, in any) (Out, error) {
	var out Out
	body, err := a.do(ctx, method, path, query, in)
	if err != nil || len(bytes.TrimSpace(body)) == 0 {
		return out, err
	}
	if err := json.Unmarshal(body, &out); err != nil {
		return out, fmt.Errorf("%s %s: unreadable answer: %w", method, path, err)
	}
	return out, nil
}

func (a *API) do(ctx context.Context, method, path string, query url.Values, in any) ([]byte, error) {
	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return nil, fmt.Errorf("%s %s: %w", method, path, err)
		}
		body = bytes.NewReader(b)
	}
	u := a.base.JoinPath("api/v1", path)
	u.RawQuery = query.Encode()
	req, err := http.NewRequestWithContext(ctx, method, u.String(), body)
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", method, path, err)
	}
	a.sign(req.Header)
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := a.http.Do(req)
	if err != nil {
		return nil, err // names method and address already
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(res.Body, mostAnswer))
	if err != nil {
		return nil, fmt.Errorf("%s %s: read the answer: %w", method, path, err)
	}
	if res.StatusCode >= 300 {
		return nil, errorOf(res, answer)
	}
	return answer, nil
}

func (a *API) sign(h http.Header) {
	if a.token != "" {
		h.Set("Authorization", "Bearer "+a.token)
	}
}

// live is the address of the WebSocket.
func (a *API) live() string {
	u := a.base.JoinPath("api/v1/live")
	u.Scheme = strings.Replace(u.Scheme, "http", "ws", 1)
	return u.String()
}

// errorOf turns an error answer into the error the server meant.
func errorOf(res *http.Response, body []byte) error {
	var e struct{ Error wire.ErrorBody }
	if json.Unmarshal(body, &e) != nil || e.Error.Code == "" {
		e.Error = wire.ErrorBody{Code: myna.CodeInternal, Message: "the server answered " + res.Status}
	}
	if e.Error.RetryAfter == 0 {
		e.Error.RetryAfter, _ = strconv.ParseInt(res.Header.Get("Retry-After"), 10, 64)
	}
	return asError(kindOf(res.StatusCode), e.Error)
}

func asError(kind myna.Kind, b wire.ErrorBody) *myna.Error {
	return &myna.Error{
		Kind: kind, Code: b.Code, Message: b.Message, Field: b.Field,
		RetryAfter: time.Duration(b.RetryAfter) * time.Second,
	}
}

// kindOf is wire.Status read backwards.
func kindOf(status int) myna.Kind {
	for kind := myna.Internal; kind <= myna.Gone; kind++ {
		if wire.Status(kind) == status {
			return kind
		}
	}
	switch {
	case status == http.StatusServiceUnavailable:
		return myna.Limited
	case status >= 400 && status < 500:
		return myna.Invalid
	}
	return myna.Internal
}
