package wire

import (
	"net/http"

	"github.com/myna-chat/myna"
)

// Failure is the body of every REST answer that is not 2xx.
type Failure struct {
	Error ErrorBody `json:"error"`
}

// Posted answers a post by REST: where the message stands. The same nonce gets the same answer for ever.
type Posted struct {
	Room      myna.RoomID `json:"room"`
	Seq       int64       `json:"seq"`
	Rev       int64       `json:"rev"`
	CreatedAt myna.Time   `json:"created_at"`
}

// ChangePage is a page of a scope's rows that changed after a cursor, in rev order. If more is true ask
// again with after = the last rev. If reset is true the cursor was too far behind: drop what is cached
// of the scope and load it anew.
type ChangePage struct {
	Scope myna.Scope `json:"scope"`
	Rows  []Change   `json:"rows"`
	Head  int64      `json:"head" doc:"The scope's rev in the same snapshot."`
	More  bool       `json:"more"`
	Reset bool       `json:"reset"`
}

// Bounds gives the limits of this build.
func Bounds() Limits {
	return Limits{
		MessageBytes: myna.MaxMessageBytes, FrameBytes: myna.MaxFrameBytes, BodyBytes: myna.MaxBodyBytes,
		NameRunes: myna.MaxNameRunes, TopicRunes: myna.MaxTopicRunes, UsernameBytes: myna.MaxUsernameBytes,
		PasswordRunes: myna.MinPasswordRunes, PasswordBytes: myna.MaxPasswordBytes, RoomMembers: myna.MaxRoomMembers, GroupMembers: myna.MaxGroupMembers,
		RoomsPerUser: myna.MaxRoomsPerUser, Mentions: myna.MaxMentions, PageSize: myna.MaxPageSize,
		Behind: myna.MaxBehind, UnreadBound: myna.UnreadBound, Watched: myna.MaxWatched,
		Sessions: myna.MaxSessions, QueueBytes: myna.MaxQueueBytes, Requests: myna.MaxRequests, RequestsBurst: myna.MaxRequestsBurst,
		Frames: myna.MaxFrames, FramesBurst: myna.MaxFramesBurst, DearFrame: myna.DearFrame,
	}
}

// StatusOf is the HTTP status of an error: that of its kind, but for the few codes HTTP has a better
// word for.
func StatusOf(err error) int {
	e := myna.AsError(err)
	switch e.Code {
	case myna.CodeTooLarge:
		return http.StatusRequestEntityTooLarge
	case myna.CodeBadMethod:
		return http.StatusMethodNotAllowed
	case myna.CodeOverloaded:
		return http.StatusServiceUnavailable
	default:
		return Status(e.Kind)
	}
}
