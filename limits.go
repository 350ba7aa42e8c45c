package myna

// Limits every entrance shares, each with its reason. They are shown at /api/v1/limits.
const (
	MaxMessageBytes  = 16 << 10  // a long article fits; a page of 50 stays under 1 MiB
	MaxFrameBytes    = 64 << 10  // a client frame: the longest message with every byte escaped as \u00xx would not fit, and is refused clearly
	MaxBodyBytes     = 256 << 10 // of a REST request: the longest message, escaped, fits with room to spare
	MaxNameRunes     = 80        // of a room or a person
	MaxTopicRunes    = 500       // a paragraph
	MaxUsernameBytes = 64        // 21 Chinese characters
	MaxPasswordBytes = 1024      // bounds the hashing work
	MinPasswordRunes = 15        // where a password is all that is asked for
	MaxRoomMembers   = 20_000    // one message is one encoding and as many pushes
	MaxGroupMembers  = 50        // a group conversation beyond this wants to be a channel
	MaxRoomsPerUser  = 1_000     // the first screen names them all
	MaxMentions      = 50        // people named in one message
	PageSize         = 50        // messages a page when not asked otherwise
	MaxPageSize      = 200       // messages or rows a page at the most
	MaxBehind        = 1_000     // changes: a cursor further behind is answered with reset
	UnreadBound      = 100       // counting stops here and the client shows 99+
	MaxWatched       = 200       // people whose presence one device follows
	MaxSessions      = 100       // devices a person: the oldest goes
	MaxQueueBytes    = 1 << 20   // a session's unsent bytes before it is told to resync

	// REST, all devices of a person together: scrolling through history as fast as one can makes about 10
	// requests a second, a client's start about 20 at once.
	MaxRequests      = 20  // a second, for ever
	MaxRequestsBurst = 200 // at once after a pause

	// The WebSocket, all devices of a person together: far more than fingers and a client's bookkeeping
	// make, with room for what piles up while one was away.
	MaxFrames      = 100 // WebSocket, a second, for ever
	MaxFramesBurst = 400 // WebSocket, at once after a pause; a tenth of what the journal lets wait, so that it takes many people to fill it
	DearFrame      = 2   // frames that a post, a fetch or a watch counts as: each makes the database or the hub work
)
