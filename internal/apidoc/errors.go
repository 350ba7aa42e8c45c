package apidoc

import "github.com/myna-chat/myna"

// codeInfo says of an error code what kind of error carries it and what it means to a client.
type codeInfo struct {
	Kind    myna.Kind
	Meaning string
}

// kindNames are the kinds as docs/protocol.md calls them.
func kindNames() map[myna.Kind]string {
	return map[myna.Kind]string{
		myna.Internal: "internal", myna.Invalid: "invalid", myna.Unauthorized: "unauthorized", myna.Denied: "denied",
		myna.NotFound: "not found", myna.Conflict: "conflict", myna.Limited: "limited", myna.Gone: "gone",
	}
}

// codes documents every code of error.go; tests compare it with the source, the kinds included.
func codes() map[string]codeInfo {
	return map[string]codeInfo{
		myna.CodeInternal:       {myna.Internal, "A fault of the server's; it was logged. Trying again is safe."},
		myna.CodeBadID:          {myna.Invalid, "Not an id of that kind."},
		myna.CodeBadTime:        {myna.Invalid, "Not an RFC 3339 time."},
		myna.CodeBadScope:       {myna.Invalid, "Not `directory`, a user id or a room id."},
		myna.CodeBadCursor:      {myna.Invalid, "A cursor that cannot be: negative, or beyond the head. Load the scope anew."},
		myna.CodeBadJSON:        {myna.Invalid, "Not JSON, not UTF-8, a field twice, or of the wrong type."},
		myna.CodeBadFrame:       {myna.Invalid, "A frame that is not one JSON object with a `type`."},
		myna.CodeUnknownField:   {myna.Invalid, "A field or query parameter that does not exist here."},
		myna.CodeUnknownFrame:   {myna.Invalid, "A `type` this server does not know."},
		myna.CodeBadMethod:      {myna.Invalid, "The address exists, but not with this method; `Allow` lists those it has."},
		myna.CodeBadNonce:       {myna.Invalid, "Not a ULID."},
		myna.CodeBadText:        {myna.Invalid, "Text with characters that cannot be stored or shown."},
		myna.CodeEmpty:          {myna.Invalid, "Something is needed here."},
		myna.CodeTooLong:        {myna.Invalid, "Longer than its limit."},
		myna.CodeTooShort:       {myna.Invalid, "Shorter than its limit."},
		myna.CodeTooLarge:       {myna.Invalid, "A body or request larger than its limit."},
		myna.CodeBadName:        {myna.Invalid, "A display or room name with characters that cannot be seen."},
		myna.CodeBadUsername:    {myna.Invalid, "Not a username: PRECIS UsernameCaseMapped."},
		myna.CodeReservedName:   {myna.Invalid, "A username the server keeps for itself."},
		myna.CodeBadPassword:    {myna.Invalid, "A password with characters that cannot be used."},
		myna.CodeCommonPassword: {myna.Invalid, "A password that is among the first an attacker tries."},
		myna.CodeBadValue:       {myna.Invalid, "Not one of the values allowed here, or out of range."},
		myna.CodeNoSession:      {myna.Unauthorized, "Sign in first."},
		myna.CodeSessionEnded:   {myna.Unauthorized, "This session was ended, or was too long unused."},
		myna.CodeDisabled:       {myna.Denied, "The account was disabled."},
		myna.CodeWrongLogin:     {myna.Unauthorized, "No such username, or not its password: which of the two is not said."},
		myna.CodeWrongPassword:  {myna.Invalid, "Not the present password."},
		myna.CodeWrongOrigin:    {myna.Denied, "The request comes from another website, or for the WebSocket not exactly from the public URL."},
		myna.CodeDenied:         {myna.Denied, "Signed in, but not allowed."},
		myna.CodeClosedSignup:   {myna.Denied, "Nobody can register here."},
		myna.CodeInviteNeeded:   {myna.Denied, "Registering needs an invite."},
		myna.CodeNotFound:       {myna.NotFound, "Does not exist, or the asker may not know that it does."},
		myna.CodeConflict:       {myna.Conflict, "Clashes with the present state."},
		myna.CodeNameTaken:      {myna.Conflict, "Somebody or some room has this name."},
		myna.CodeNameConfusable: {myna.Conflict, "Looks like a name that is taken."},
		myna.CodeArchived:       {myna.Conflict, "The room is archived: it can be read only."},
		myna.CodeRoomFull:       {myna.Conflict, "No more members, or no more rooms for this person."},
		myna.CodeLastOwner:      {myna.Conflict, "The server would be left without an owner."},
		myna.CodeAlreadySetUp:   {myna.Conflict, "There is an owner already."},
		myna.CodeInviteSpent:    {myna.Gone, "The invite was used up, revoked, or is too old."},
		myna.CodeLinkSpent:      {myna.Gone, "The link was used, or is too old."},
		myna.CodeTooMany:        {myna.Limited, "Too many requests or frames; wait `retry_after` seconds."},
		myna.CodeOverloaded:     {myna.Limited, "The server has too much to do and refused before it began; wait and try again."},
	}
}
