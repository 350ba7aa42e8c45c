package myna

// Verb is something a person may want to do. The policy in Can is the only place that decides.
type Verb uint8

const (
	See           Verb = iota + 1 // know that the room exists and how it is called
	Read                          // its messages and members
	Post                          // a message, typing
	EditOwn                       // the own message: change or delete it
	DeleteOthers                  // somebody else's message
	Join                          // without being invited
	Leave                         //
	AddMember                     // invite somebody who is on the server
	RemoveMember                  // make somebody else leave
	UpdateRoom                    // name, topic
	ArchiveRoom                   // and bring it back
	CreateRoom                    // any kind
	InvitePeople                  // make links to register with
	ManageServer                  // settings
	ManagePeople                  // disable, reset, sessions of others
	ManageOwnSelf                 // own profile, password, sessions
	BrowsePeople                  // the directory
)

// Place is what Can needs to know about the room in question and the asker's place in it; nil when the
// verb is not about a room.
type Place struct {
	Room   Room
	Member bool // an active member
	Role   MemberRole
}

// Can is the whole policy: may p do v there? It is pure; its truth table is in can_test.go. A false
// answer for See means that the room must look as if it did not exist.
func Can(p Principal, v Verb, at *Place) bool {
	if p.User == 0 {
		return false
	}
	if at == nil {
		return canOnServer(p, v)
	}
	return canInRoom(p, v, at)
}

func canOnServer(p Principal, v Verb) bool {
	switch v {
	case CreateRoom, ManageOwnSelf, BrowsePeople:
		return true
	case InvitePeople, ManageServer, ManagePeople:
		return p.Role >= RoleAdmin
	default:
		return false
	}
}

func canInRoom(p Principal, v Verb, at *Place) bool {
	room := at.Room
	archived := room.ArchivedAt != 0
	leads := at.Member && (at.Role >= RoomAdmin || p.Role >= RoleAdmin)
	switch v {
	case See:
		return at.Member || room.Kind == OpenRoom
	case Read:
		return at.Member
	case Post, EditOwn:
		return at.Member && !archived
	case DeleteOthers:
		return leads && !archived && room.Kind != DirectRoom
	case Join:
		return room.Kind == OpenRoom && !archived
	case Leave:
		return at.Member && !room.Pair && !room.Default
	case AddMember:
		return at.Member && !archived && !room.Pair
	case RemoveMember:
		return leads && !room.Pair && !room.Default && room.Kind != DirectRoom
	case UpdateRoom:
		return !archived && !room.Pair && (leads || at.Member && room.Kind == DirectRoom)
	case ArchiveRoom:
		return leads && !room.Default && room.Kind != DirectRoom
	default:
		return false
	}
}
