package auth

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/secure/precis"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/internal/store"
	"github.com/myna-chat/myna/internal/text"
)

// loadPrefix begins the names of the load generator's accounts; nobody else may have such a name.
const loadPrefix = "load-"

// Username is a name somebody may sign in with, in the forms that matter.
type Username struct {
	Text     string // as it is shown: RFC 8265 UsernameCaseMapped
	Key      string // text.Fold of it, unique: names that differ in case, or in ß against ss, are the same
	Skeleton string // look-alike characters replaced, unique
}

// Keys are the forms that must be unique.
func (u Username) Keys() store.UserKeys { return store.UserKeys{Key: u.Key, Skeleton: u.Skeleton} }

// ParseUsername brings a name as typed into its forms. Errors are of kind Invalid, field username, and
// say what is wrong. It does not refuse reserved words, see CheckReserved.
func ParseUsername(typed string) (Username, error) {
	typed = strings.TrimSpace(typed)
	switch {
	case typed == "":
		return Username{}, badUsername(myna.CodeEmpty, "a username is needed")
	case len(typed) > myna.MaxUsernameBytes:
		return Username{}, tooLongUsername()
	case !utf8.ValidString(typed):
		return Username{}, badUsername(myna.CodeBadUsername, "the username is not UTF-8")
	}
	shown, err := precis.UsernameCaseMapped.String(typed)
	if err != nil {
		return Username{}, notAName()
	}
	if len(shown) > myna.MaxUsernameBytes {
		return Username{}, tooLongUsername()
	}
	if !mentionable(shown) {
		return Username{}, notAName()
	}
	key := text.Fold(shown)
	return Username{Text: shown, Key: key, Skeleton: skeleton(key)}, nil
}

// mentionable says whether "@" and the name can be found again in a message: letters and digits of any
// script, with single ".", "-" or "_" only between them.
func mentionable(name string) bool {
	inside := false // the last character may be followed by punctuation or the end
	for _, r := range name {
		switch {
		case r == '.' || r == '-' || r == '_':
			if !inside {
				return false
			}
			inside = false
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			inside = true
		case unicode.IsMark(r):
			if !inside {
				return false
			}
		default:
			return false
		}
	}
	return inside
}

// CheckReserved refuses names that would be taken for the server itself or for everybody, and, unless
// the name is given by somebody in charge, those that sound like it. Look-alikes of them are refused as
// well.
func CheckReserved(u Username, inCharge bool) error {
	reserved := strings.HasPrefix(u.Key, loadPrefix)
	for _, word := range addressingWords {
		reserved = reserved || u.Skeleton == skeleton(word)
	}
	if !inCharge {
		for _, word := range officialWords {
			reserved = reserved || u.Skeleton == skeleton(word)
		}
	}
	if reserved {
		return badUsername(myna.CodeReservedName, "this username is reserved; choose another")
	}
	return nil
}

// addressingWords mean everybody or the program after an @ sign, or stand for nobody.
var addressingWords = []string{
	"all", "here", "channel", "everyone", "everybody", "room", "group", "online", "system", "myna", "bot",
	"server", "me", "nobody", "anonymous", "deleted", "guest", "null", "undefined",
	"所有人", "全体", "全体成员", "大家", "在线", "系统", "八哥", "匿名",
}

// officialWords sound as if the person spoke for the server.
var officialWords = []string{
	"admin", "admins", "administrator", "root", "owner", "moderator", "mod", "support", "help", "security",
	"staff", "official", "postmaster", "webmaster", "abuse",
	"管理员", "管理員", "站长", "官方", "客服",
}

func badUsername(code, message string) error {
	return myna.Errorf(myna.Invalid, code, "%s", message).In("username")
}

func tooLongUsername() error {
	return myna.Errorf(myna.Invalid, myna.CodeTooLong, "the username is longer than %d bytes", myna.MaxUsernameBytes).In("username")
}

func notAName() error {
	return badUsername(myna.CodeBadUsername,
		`a username is made of letters and digits of any language, with single ".", "-" or "_" between them`)
}
