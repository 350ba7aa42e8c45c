package wire

import (
	"math"
	"net/http"

	"github.com/myna-chat/myna"
)

// ErrorBody is how every error looks, in REST under the key "error" and in error frames.
type ErrorBody struct {
	Code       string `json:"code" doc:"Stable name; docs/protocol.md lists them."`
	Message    string `json:"message" doc:"One English sentence that says what is wrong and how to mend it."`
	Field      string `json:"field,omitempty" doc:"The input field at fault."`
	RetryAfter int64  `json:"retry_after,omitempty" doc:"Seconds to wait before trying again."`
}

// ErrorOf turns any error into what a client may see.
func ErrorOf(err error) ErrorBody {
	e := myna.AsError(err)
	return ErrorBody{
		Code: e.Code, Message: e.Message, Field: e.Field,
		RetryAfter: int64(math.Ceil(e.RetryAfter.Seconds())),
	}
}

// Status is the HTTP status of a kind of error.
func Status(kind myna.Kind) int {
	switch kind {
	case myna.Invalid:
		return http.StatusBadRequest
	case myna.Unauthorized:
		return http.StatusUnauthorized
	case myna.Denied:
		return http.StatusForbidden
	case myna.NotFound:
		return http.StatusNotFound
	case myna.Conflict:
		return http.StatusConflict
	case myna.Limited:
		return http.StatusTooManyRequests
	case myna.Gone:
		return http.StatusGone
	default:
		return http.StatusInternalServerError
	}
}
