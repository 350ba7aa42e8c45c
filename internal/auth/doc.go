// Package auth proves who somebody is: usernames, passwords, the brake on guessing them, sessions of
// many devices, one-time links and invites.
//
// It owns the tables passwords, sessions, links, invites and login_failures. Rows of scopes (people,
// memberships) it writes only through the journal. What ends a session tells Options.OnEnd after the
// commit, whichever process ended it, so that live connections die within a second.
//
// An Auth is safe for concurrent use. It does not decide what somebody may do; that is myna.Can.
package auth
