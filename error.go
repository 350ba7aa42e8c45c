package myna

import (
	"errors"
	"fmt"
	"time"
)

// Kind groups errors by what the caller can do about them. One table in package wire maps a kind to
// the HTTP status and the WebSocket behaviour.
type Kind uint8

const (
	Internal     Kind = iota // our fault; details are logged, not shown
	Invalid                  // the input is wrong; the message says how to mend it
	Unauthorized             // no session, or it ended
	Denied                   // signed in, but not allowed
	NotFound                 // does not exist, or the asker may not know that it does
	Conflict                 // clashes with the present state
	Limited                  // too many, too fast or overloaded; try again after RetryAfter
	Gone                     // existed once; used up or expired
)

// Error codes are stable names a client can translate. Every code stands here, once.
const (
	CodeInternal       = "internal"
	CodeBadID          = "bad_id"
	CodeBadTime        = "bad_time"
	CodeBadScope       = "bad_scope"
	CodeBadCursor      = "bad_cursor"
	CodeBadJSON        = "bad_json"
	CodeBadFrame       = "bad_frame"
	CodeUnknownField   = "unknown_field"
	CodeUnknownFrame   = "unknown_frame"
	CodeBadNonce       = "bad_nonce"
	CodeBadText        = "bad_text"
	CodeEmpty          = "empty"
	CodeTooLong        = "too_long"
	CodeTooShort       = "too_short"
	CodeTooLarge       = "too_large"
	CodeBadName        = "bad_name"
	CodeBadUsername    = "bad_username"
	CodeReservedName   = "reserved_name"
	CodeNameTaken      = "name_taken"
	CodeNameConfusable = "name_confusable"
	CodeBadPassword    = "bad_password"
	CodeCommonPassword = "common_password"
	CodeWrongLogin     = "wrong_login"
	CodeWrongPassword  = "wrong_password"
	CodeNoSession      = "no_session"
	CodeSessionEnded   = "session_ended"
	CodeWrongOrigin    = "wrong_origin"
	CodeDenied         = "denied"
	CodeNotFound       = "not_found"
	CodeConflict       = "conflict"
	CodeArchived       = "archived"
	CodeRoomFull       = "room_full"
	CodeLastOwner      = "last_owner"
	CodeClosedSignup   = "signup_closed"
	CodeInviteNeeded   = "invite_needed"
	CodeInviteSpent    = "invite_spent"
	CodeLinkSpent      = "link_spent"
	CodeAlreadySetUp   = "already_set_up"
	CodeTooMany        = "too_many_requests"
	CodeOverloaded     = "overloaded"
	CodeBadValue       = "bad_value"
	CodeBadMethod      = "bad_method"
	CodeDisabled       = "disabled"
)

// Error is what every layer returns when the caller is to be told something. Message is English, one
// sentence, and safe to show; Err is for the log only.
type Error struct {
	Kind       Kind
	Code       string
	Message    string
	Field      string        // the input field at fault, "" if none
	RetryAfter time.Duration // for Limited: when to try again, 0 if unknown
	Err        error
}

func (e *Error) Error() string {
	if e.Kind == Internal && e.Err != nil {
		return e.Message + ": " + e.Err.Error()
	}
	return e.Message
}

func (e *Error) Unwrap() error { return e.Err }

// Errorf makes an Error. A %w verb keeps its error for the log and for errors.Is.
func Errorf(kind Kind, code, format string, args ...any) *Error {
	formatted := fmt.Errorf(format, args...)
	return &Error{Kind: kind, Code: code, Message: formatted.Error(), Err: errors.Unwrap(formatted)}
}

// In returns e naming the input field at fault.
func (e *Error) In(field string) *Error {
	copied := *e
	copied.Field = field
	return &copied
}

// After returns e saying when to try again.
func (e *Error) After(d time.Duration) *Error {
	copied := *e
	copied.RetryAfter = d
	return &copied
}

// AsError finds the Error in err's chain. Anything else becomes Internal with a message that gives
// nothing away, and keeps err for the log.
func AsError(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return &Error{Kind: Internal, Code: CodeInternal, Message: "something went wrong on the server; try again", Err: err}
}

// KindOf is the kind of AsError(err).
func KindOf(err error) Kind { return AsError(err).Kind }
