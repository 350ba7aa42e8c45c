-- +goose Up

-- One counter a scope: rev moves with every change of a row in it, seq numbers a room's messages.
CREATE TABLE scopes (
  kind SMALLINT NOT NULL,
  id BIGINT NOT NULL,
  rev BIGINT NOT NULL,
  seq BIGINT NOT NULL,
  PRIMARY KEY (kind, id)
) @table;

-- The directory's counter is always there, so that the first two writers meet at its lock.
INSERT INTO scopes (kind, id, rev, seq) VALUES (1, 0, 0, 0);

CREATE TABLE settings (
  id SMALLINT NOT NULL PRIMARY KEY,
  name @string(320) NOT NULL,
  registration @string(16) NOT NULL,
  rev BIGINT NOT NULL
) @table;

CREATE TABLE users (
  id BIGINT NOT NULL PRIMARY KEY,
  username @string(64) NOT NULL,
  username_key @string(190) NOT NULL,
  username_skeleton @string(190) NOT NULL,
  name @string(320) NOT NULL,
  role SMALLINT NOT NULL,
  disabled SMALLINT NOT NULL,
  is_load SMALLINT NOT NULL,
  auth_epoch BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  rev BIGINT NOT NULL
) @table;
CREATE UNIQUE INDEX users_key ON users (username_key);
CREATE UNIQUE INDEX users_skeleton ON users (username_skeleton);
CREATE INDEX users_rev ON users (rev);

CREATE TABLE passwords (
  user_id BIGINT NOT NULL PRIMARY KEY,
  hash @string(255) NOT NULL,
  changed_at BIGINT NOT NULL
) @table;

CREATE TABLE preferences (
  user_id BIGINT NOT NULL PRIMARY KEY,
  theme @string(16) NOT NULL,
  language @string(16) NOT NULL,
  enter_key @string(16) NOT NULL,
  rev BIGINT NOT NULL
) @table;

CREATE TABLE sessions (
  id BIGINT NOT NULL PRIMARY KEY,
  user_id BIGINT NOT NULL,
  token_hash @bytes(32) NOT NULL,
  kind SMALLINT NOT NULL,
  auth_epoch BIGINT NOT NULL,
  user_agent @string(512) NOT NULL,
  address @string(64) NOT NULL,
  created_at BIGINT NOT NULL,
  seen_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  revoked_at BIGINT NOT NULL
) @table;
CREATE UNIQUE INDEX sessions_token ON sessions (token_hash);
CREATE INDEX sessions_user ON sessions (user_id, created_at);
CREATE INDEX sessions_revoked ON sessions (revoked_at);

-- Setup links, password resets: whatever is redeemed once. used_at is set by a compare-and-set UPDATE.
CREATE TABLE links (
  token_hash @bytes(32) NOT NULL PRIMARY KEY,
  purpose @string(16) NOT NULL,
  user_id BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  used_at BIGINT NOT NULL
) @table;

CREATE TABLE invites (
  id BIGINT NOT NULL PRIMARY KEY,
  code_hash @bytes(32) NOT NULL,
  created_by BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  uses_left BIGINT NOT NULL,
  revoked_at BIGINT NOT NULL
) @table;
CREATE UNIQUE INDEX invites_code ON invites (code_hash);

-- Failed logins: one counter an account, another for each device the account is known from.
CREATE TABLE login_failures (
  user_id BIGINT NOT NULL,
  device @bytes(32) NOT NULL,
  failures BIGINT NOT NULL,
  last_at BIGINT NOT NULL,
  PRIMARY KEY (user_id, device)
) @table;

CREATE TABLE rooms (
  id BIGINT NOT NULL PRIMARY KEY,
  kind SMALLINT NOT NULL,
  name @string(320) NOT NULL,
  name_key @string(190),
  pair_key @string(64),
  topic @string(2000) NOT NULL,
  is_default SMALLINT NOT NULL,
  created_by BIGINT NOT NULL,
  nonce @bytes(16) NOT NULL,
  created_at BIGINT NOT NULL,
  archived_at BIGINT NOT NULL,
  rev BIGINT NOT NULL
) @table;
CREATE UNIQUE INDEX rooms_name ON rooms (name_key);
CREATE UNIQUE INDEX rooms_pair ON rooms (pair_key);
CREATE UNIQUE INDEX rooms_nonce ON rooms (created_by, nonce);
CREATE INDEX rooms_kind ON rooms (kind, id);

CREATE TABLE members (
  room_id BIGINT NOT NULL,
  user_id BIGINT NOT NULL,
  role SMALLINT NOT NULL,
  joined_at BIGINT NOT NULL,
  has_left SMALLINT NOT NULL,
  rev BIGINT NOT NULL,
  PRIMARY KEY (room_id, user_id)
) @table;
CREATE INDEX members_rev ON members (room_id, rev);

CREATE TABLE memberships (
  user_id BIGINT NOT NULL,
  room_id BIGINT NOT NULL,
  read_seq BIGINT NOT NULL,
  favorite SMALLINT NOT NULL,
  muted SMALLINT NOT NULL,
  has_left SMALLINT NOT NULL,
  rev BIGINT NOT NULL,
  PRIMARY KEY (user_id, room_id)
) @table;
CREATE INDEX memberships_rev ON memberships (user_id, rev);

CREATE TABLE drafts (
  user_id BIGINT NOT NULL,
  room_id BIGINT NOT NULL,
  body @text NOT NULL,
  updated_at BIGINT NOT NULL,
  rev BIGINT NOT NULL,
  PRIMARY KEY (user_id, room_id)
) @table;
CREATE INDEX drafts_rev ON drafts (user_id, rev);

-- Kept in the order of posting, not by room: on SQLite a batch for a hundred rooms then fills a few pages
-- instead of touching a hundred (39,000 against 19,000 messages a second).
CREATE TABLE messages (
  room_id BIGINT NOT NULL,
  seq BIGINT NOT NULL,
  rev BIGINT NOT NULL,
  first_rev BIGINT NOT NULL,
  author_id BIGINT NOT NULL,
  nonce @bytes(16) NOT NULL,
  body @text NOT NULL,
  mentions @string(1100) NOT NULL,
  created_at BIGINT NOT NULL,
  edited_at BIGINT NOT NULL,
  deleted_at BIGINT NOT NULL,
  PRIMARY KEY (room_id, seq)
) @log;
-- The nonce stands first: it is looked up with others in one IN list, and being a ULID it grows with time.
CREATE UNIQUE INDEX messages_nonce ON messages (nonce, author_id);

-- Messages that changed after they were posted, by the rev of the last change. A message that never did
-- is found by its seq: both count up together. So a post touches one page of its room, not two.
CREATE TABLE message_edits (
  room_id BIGINT NOT NULL,
  rev BIGINT NOT NULL,
  seq BIGINT NOT NULL,
  PRIMARY KEY (room_id, rev)
) @table;

-- Who is named by which message, so that a reader's mentions can be counted without their bodies.
CREATE TABLE mentions (
  room_id BIGINT NOT NULL,
  user_id BIGINT NOT NULL,
  seq BIGINT NOT NULL,
  PRIMARY KEY (room_id, user_id, seq)
) @table;
