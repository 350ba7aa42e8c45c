package myna_test

import (
	"strings"
	"testing"

	"github.com/myna-chat/myna"
)

// The places a person can stand in, one a column of the truth table: out of the room, in it, or leading
// it as its admin.
var places = map[string]myna.Place{
	"open.out":    place(myna.OpenRoom, out),
	"open.in":     place(myna.OpenRoom, in),
	"open.lead":   place(myna.OpenRoom, lead),
	"closed.out":  place(myna.ClosedRoom, out),
	"closed.in":   place(myna.ClosedRoom, in),
	"closed.lead": place(myna.ClosedRoom, lead),
	"group.out":   place(myna.DirectRoom, out),
	"group.in":    place(myna.DirectRoom, in),
	"group.lead":  place(myna.DirectRoom, lead),
	"pair.out":    place(myna.DirectRoom, out, pair),
	"pair.in":     place(myna.DirectRoom, in, pair),
	"deflt.out":   place(myna.OpenRoom, out, standard),
	"deflt.in":    place(myna.OpenRoom, in, standard),
	"deflt.lead":  place(myna.OpenRoom, lead, standard),
	"arch.out":    place(myna.OpenRoom, out, archived),
	"arch.in":     place(myna.OpenRoom, in, archived),
	"arch.lead":   place(myna.OpenRoom, lead, archived),
}

// roomTable says who may: "m" everybody who stands there, "a" only admins and owners of the server who
// stand there, "-" nobody.
const roomTable = `
               open             closed            group            pair     default          archived
               out in lead      out in lead       out in lead      out in   out in lead      out in lead
See            m   m  m         -   m  m          -   m  m         -   m    m   m  m         m   m  m
Read           -   m  m         -   m  m          -   m  m         -   m    -   m  m         -   m  m
Post           -   m  m         -   m  m          -   m  m         -   m    -   m  m         -   -  -
EditOwn        -   m  m         -   m  m          -   m  m         -   m    -   m  m         -   -  -
DeleteOthers   -   a  m         -   a  m          -   -  -         -   -    -   a  m         -   -  -
Join           m   m  m         -   -  -          -   -  -         -   -    m   m  m         -   -  -
Leave          -   m  m         -   m  m          -   m  m         -   -    -   -  -         -   m  m
AddMember      -   m  m         -   m  m          -   m  m         -   -    -   m  m         -   -  -
RemoveMember   -   a  m         -   a  m          -   -  -         -   -    -   -  -         -   a  m
UpdateRoom     -   a  m         -   a  m          -   m  m         -   -    -   a  m         -   -  -
ArchiveRoom    -   a  m         -   a  m          -   -  -         -   -    -   -  -         -   a  m
CreateRoom     -   -  -         -   -  -          -   -  -         -   -    -   -  -         -   -  -
InvitePeople   -   -  -         -   -  -          -   -  -         -   -    -   -  -         -   -  -
ManageServer   -   -  -         -   -  -          -   -  -         -   -    -   -  -         -   -  -
ManagePeople   -   -  -         -   -  -          -   -  -         -   -    -   -  -         -   -  -
ManageOwnSelf  -   -  -         -   -  -          -   -  -         -   -    -   -  -         -   -  -
BrowsePeople   -   -  -         -   -  -          -   -  -         -   -    -   -  -         -   -  -
`

// columns names the places of roomTable from left to right.
const columns = `open.out open.in open.lead closed.out closed.in closed.lead group.out group.in group.lead
	pair.out pair.in deflt.out deflt.in deflt.lead arch.out arch.in arch.lead`

// serverTable is about the server as a whole.
const serverTable = `
CreateRoom m
InvitePeople a
ManageServer a
ManagePeople a
ManageOwnSelf m
BrowsePeople m
See -
Read -
Post -
EditOwn -
DeleteOthers -
Join -
Leave -
AddMember -
RemoveMember -
UpdateRoom -
ArchiveRoom -
`

var verbs = map[string]myna.Verb{
	"See": myna.See, "Read": myna.Read, "Post": myna.Post, "EditOwn": myna.EditOwn,
	"DeleteOthers": myna.DeleteOthers, "Join": myna.Join, "Leave": myna.Leave,
	"AddMember": myna.AddMember, "RemoveMember": myna.RemoveMember, "UpdateRoom": myna.UpdateRoom,
	"ArchiveRoom": myna.ArchiveRoom, "CreateRoom": myna.CreateRoom, "InvitePeople": myna.InvitePeople,
	"ManageServer": myna.ManageServer, "ManagePeople": myna.ManagePeople,
	"ManageOwnSelf": myna.ManageOwnSelf, "BrowsePeople": myna.BrowsePeople,
}

func TestCanInRoom(t *testing.T) {
	names := strings.Fields(columns)
	seen := map[string]bool{}
	for _, line := range strings.Split(strings.TrimSpace(roomTable), "\n")[2:] {
		cells := strings.Fields(line)
		if len(cells) != len(names)+1 {
			t.Fatalf("%d cells for %d places in %q", len(cells)-1, len(names), line)
		}
		seen[cells[0]] = true
		for i, cell := range cells[1:] {
			at := places[names[i]]
			check(t, cells[0], names[i], cell, &at)
		}
	}
	if len(seen) != len(verbs) {
		t.Errorf("the table knows %d verbs of %d", len(seen), len(verbs))
	}
}

func TestCanOnServer(t *testing.T) {
	lines := strings.Split(strings.TrimSpace(serverTable), "\n")
	if len(lines) != len(verbs) {
		t.Errorf("the table knows %d verbs of %d", len(lines), len(verbs))
	}
	for _, line := range lines {
		cells := strings.Fields(line)
		check(t, cells[0], "the server", cells[1], nil)
	}
}

func TestUnknownVerbIsRefused(t *testing.T) {
	owner := myna.Principal{User: 1, Role: myna.RoleOwner}
	at := place(myna.OpenRoom, lead)
	for _, v := range []myna.Verb{0, myna.BrowsePeople + 1, 255} {
		if myna.Can(owner, v, nil) || myna.Can(owner, v, &at) {
			t.Errorf("verb %d is allowed to the owner, but nobody knows what it is", v)
		}
	}
}

func check(t *testing.T, verb, where, cell string, at *myna.Place) {
	t.Helper()
	for _, role := range []myna.Role{myna.RoleMember, myna.RoleAdmin, myna.RoleOwner} {
		want := cell == "m" || cell == "a" && role >= myna.RoleAdmin
		if got := myna.Can(myna.Principal{User: 1, Role: role}, verbs[verb], at); got != want {
			t.Errorf("may a server %s %s at %s? got %v, want %v", role, verb, where, got, want)
		}
		if myna.Can(myna.Principal{Role: role}, verbs[verb], at) {
			t.Errorf("nobody, with role %s, may %s at %s", role, verb, where)
		}
	}
}

func place(kind myna.RoomKind, with ...func(*myna.Place)) myna.Place {
	at := myna.Place{Room: myna.Room{Kind: kind}}
	for _, change := range with {
		change(&at)
	}
	return at
}

func out(*myna.Place)         {}
func in(at *myna.Place)       { at.Member, at.Role = true, myna.PlainMember }
func lead(at *myna.Place)     { at.Member, at.Role = true, myna.RoomAdmin }
func pair(at *myna.Place)     { at.Room.Pair = true }
func standard(at *myna.Place) { at.Room.Default = true }
func archived(at *myna.Place) { at.Room.ArchivedAt = 1 }
