package store

import (
	"strings"
	"testing"

	"github.com/myna-chat/myna/internal/sqldb"
	"github.com/myna-chat/myna/internal/sqldb/sqldbtest"
	"github.com/myna-chat/myna/internal/store/migrations"
)

// TestHotQueriesUseAnIndex reads SQLite's plan of every query that runs for a message, a read mark, a
// connection or a page. The other engines have the same indexes.
func TestHotQueriesUseAnIndex(t *testing.T) {
	db := sqldbtest.Open(t, sqldb.SQLite, migrations.FS)
	several := sqldb.List(16)
	for name, query := range map[string]string{
		"lock heads":       selectHeads + several,
		"known nonces":     answersByNonce + several,
		"proof of token":   proofByToken,
		"follow":           followed,
		"room list":        followedRooms,
		"one room":         followedRoom,
		"direct members":   directMembers,
		"head for viewer":  headForViewer,
		"messages before":  messagesBefore,
		"messages after":   messagesAfter,
		"one message":      messageOne,
		"message to edit":  messageByKey,
		"count unread":     countUnread,
		"count mentions":   countMentions,
		"room":             roomByID,
		"member":           memberByKey,
		"membership":       membershipByKey,
		"members":          listMembers,
		"count members":    countMembers,
		"count rooms":      countRooms,
		"rooms after":      roomsAfter,
		"members after":    membersAfter,
		"messages changed": messagesNewAfter,
		"messages edited":  messagesEdited,
		"own places after": membershipsAfter,
		"drafts after":     draftsAfter,
		"people after":     usersAfter,
		"people by key":    usersByKeys + several,
		"active people":    activeUsers + several,
		"ended sessions":   endedSince,
		"own sessions":     sessionsOfUser,
		"sessions to end":  idsToEnd,
		"account by key":   accountByKey,
		"account by id":    accountByID,
		"known device":     deviceKnown,
		"login counter":    lockFailures,
		"one-time link":    openLink,
		"invite by code":   openInvite,
		"browse":           browseRooms,
	} {
		t.Run(name, func(t *testing.T) {
			args := make([]any, strings.Count(query, "?"))
			for i := range args {
				args[i] = 1
			}
			plan, err := list(t.Context(), db, "EXPLAIN QUERY PLAN "+query, args, func(scan scanFunc) (detail string, err error) {
				var id, parent, unused int64
				err = scan(&id, &parent, &unused, &detail)
				return detail, err
			})
			if err != nil {
				t.Fatal(err)
			}
			for _, step := range plan {
				if strings.HasPrefix(step, "SCAN ") && !derived(step) || strings.Contains(step, "TEMP B-TREE") {
					t.Errorf("%s\n%s", query, strings.Join(plan, "\n"))
				}
			}
		})
	}
}

// derived says whether a step scans rows the query itself made.
func derived(step string) bool {
	return strings.HasPrefix(step, "SCAN counted") || strings.HasSuffix(step, "VALUES CLAUSE")
}
