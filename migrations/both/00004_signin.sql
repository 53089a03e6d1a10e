-- +goose Up

ALTER TABLE users ADD COLUMN email         TEXT    NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN avatar_url    TEXT    NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN locale        TEXT    NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN time_zone     TEXT    NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN default_model TEXT    NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN server_admin  BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX users_email ON users (lower(email)) WHERE email <> '';
CREATE INDEX users_admin ON users (server_admin) WHERE server_admin = TRUE;

-- An account whose owner has been deleted stays for the ledger's sake, without a
-- name, and nothing is written in it any more.
ALTER TABLE accounts ADD COLUMN closed_at BIGINT NOT NULL DEFAULT 0;

ALTER TABLE tokens ADD COLUMN scopes  TEXT   NOT NULL DEFAULT 'chat';
ALTER TABLE tokens ADD COLUMN used_at BIGINT NOT NULL DEFAULT 0;
CREATE UNIQUE INDEX tokens_id ON tokens (id);

-- Who a user is at another provider. The e-mail address is what the provider
-- said last: it is no key.
CREATE TABLE externals (
    issuer         TEXT    NOT NULL,
    subject        TEXT    NOT NULL,
    user_id        TEXT    NOT NULL REFERENCES users (id),
    email          TEXT    NOT NULL,
    email_verified BOOLEAN NOT NULL,
    created_at     BIGINT  NOT NULL,
    used_at        BIGINT  NOT NULL,
    PRIMARY KEY (issuer, subject)
);
CREATE INDEX externals_user ON externals (user_id);

-- A signed-in program: the family of its refresh tokens.
CREATE TABLE sessions (
    id         TEXT   NOT NULL PRIMARY KEY,
    user_id    TEXT   NOT NULL REFERENCES users (id),
    client     TEXT   NOT NULL,
    scopes     TEXT   NOT NULL,
    device     TEXT   NOT NULL,
    version    TEXT   NOT NULL,
    address    TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    seen_at    BIGINT NOT NULL,
    idle_until BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX sessions_user ON sessions (user_id);

CREATE TABLE access_tokens (
    hash       BYTEA  NOT NULL PRIMARY KEY,
    session_id TEXT   NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    expires_at BIGINT NOT NULL
);
CREATE INDEX access_tokens_session ON access_tokens (session_id);
CREATE INDEX access_tokens_expired ON access_tokens (expires_at);

-- claimed_at says when a token was exchanged, 0 that it was not. salt is what its
-- successors were derived with, for as long as a retry may ask for them again.
CREATE TABLE refresh_tokens (
    hash       BYTEA  NOT NULL PRIMARY KEY,
    session_id TEXT   NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    claimed_at BIGINT NOT NULL DEFAULT 0,
    salt       BYTEA  NOT NULL DEFAULT ''
);
CREATE INDEX refresh_tokens_session ON refresh_tokens (session_id);
CREATE INDEX refresh_tokens_claimed ON refresh_tokens (claimed_at) WHERE claimed_at > 0;

-- Ids of sessions and tokens that were ended, for the other processes to learn
-- of, also when the row itself is gone. at is the database's clock.
CREATE TABLE revocations (
    id TEXT   NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL
);
CREATE INDEX revocations_time ON revocations (at);

CREATE TABLE devices (
    code_hash      BYTEA  NOT NULL PRIMARY KEY,
    user_code_hash BYTEA  NOT NULL UNIQUE,
    client         TEXT   NOT NULL,
    scopes         TEXT   NOT NULL,
    name           TEXT   NOT NULL,
    version        TEXT   NOT NULL,
    address        TEXT   NOT NULL,
    created_at     BIGINT NOT NULL,
    expires_at     BIGINT NOT NULL,
    interval_us    BIGINT NOT NULL CHECK (interval_us > 0),
    polled_at      BIGINT NOT NULL DEFAULT 0,
    too_soon       BOOLEAN NOT NULL DEFAULT FALSE, -- the last poll was
    state          TEXT   NOT NULL CHECK (state IN ('pending', 'approved', 'denied', 'claimed')),
    user_id        TEXT   NOT NULL DEFAULT '',
    CHECK ((state = 'pending') = (user_id = ''))
);
CREATE INDEX devices_user ON devices (user_id) WHERE user_id <> '';
CREATE INDEX devices_expired ON devices (expires_at);

CREATE TABLE browsers (
    hash       BYTEA  NOT NULL PRIMARY KEY,
    user_id    TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    signed_at  BIGINT NOT NULL
);
CREATE INDEX browsers_user ON browsers (user_id) WHERE user_id <> '';
CREATE INDEX browsers_expired ON browsers (expires_at);

CREATE TABLE logins (
    state_hash   BYTEA  NOT NULL PRIMARY KEY,
    browser_hash BYTEA  NOT NULL REFERENCES browsers (hash) ON DELETE CASCADE,
    provider     TEXT   NOT NULL,
    nonce        TEXT   NOT NULL,
    verifier     TEXT   NOT NULL,
    return_to    TEXT   NOT NULL,
    expires_at   BIGINT NOT NULL
);
CREATE INDEX logins_browser ON logins (browser_hash);
CREATE INDEX logins_expired ON logins (expires_at);

CREATE TABLE email_codes (
    mailbox      TEXT   NOT NULL PRIMARY KEY,
    browser_hash BYTEA  NOT NULL REFERENCES browsers (hash) ON DELETE CASCADE,
    code_hash    BYTEA  NOT NULL,
    return_to    TEXT   NOT NULL,
    tries        BIGINT NOT NULL DEFAULT 0 CHECK (tries BETWEEN 0 AND 5),
    created_at   BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL
);
CREATE INDEX email_codes_browser ON email_codes (browser_hash);
CREATE INDEX email_codes_expired ON email_codes (expires_at);

CREATE TABLE owner_links (
    hash       BYTEA  NOT NULL PRIMARY KEY,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE TABLE invitations (
    mailbox    TEXT    NOT NULL PRIMARY KEY,
    admin      BOOLEAN NOT NULL,
    invited_by TEXT    NOT NULL,
    created_at BIGINT  NOT NULL,
    expires_at BIGINT  NOT NULL,
    used_at    BIGINT  NOT NULL DEFAULT 0,
    used_by    TEXT    NOT NULL DEFAULT '' -- the user that came of it
);

CREATE TABLE audit_events (
    id         TEXT   NOT NULL PRIMARY KEY,
    at         BIGINT NOT NULL,
    what       TEXT   NOT NULL,
    user_id    TEXT   NOT NULL,
    by_whom    TEXT   NOT NULL,
    session_id TEXT   NOT NULL,
    address    TEXT   NOT NULL,
    detail     TEXT   NOT NULL
);
CREATE INDEX audit_events_time ON audit_events (at, id);
CREATE INDEX audit_events_user ON audit_events (user_id, at, id);
CREATE INDEX audit_events_by ON audit_events (by_whom);

UPDATE meta SET schema = 4, minimum = 4;

-- +goose Down
DROP TABLE audit_events;
DROP TABLE invitations;
DROP TABLE owner_links;
DROP TABLE email_codes;
DROP TABLE logins;
DROP TABLE browsers;
DROP TABLE devices;
DROP TABLE revocations;
DROP TABLE refresh_tokens;
DROP TABLE access_tokens;
DROP TABLE sessions;
DROP TABLE externals;
DROP INDEX tokens_id;
ALTER TABLE tokens DROP COLUMN used_at;
ALTER TABLE tokens DROP COLUMN scopes;
ALTER TABLE accounts DROP COLUMN closed_at;
DROP INDEX users_admin;
DROP INDEX users_email;
ALTER TABLE users DROP COLUMN server_admin;
ALTER TABLE users DROP COLUMN default_model;
ALTER TABLE users DROP COLUMN time_zone;
ALTER TABLE users DROP COLUMN locale;
ALTER TABLE users DROP COLUMN avatar_url;
ALTER TABLE users DROP COLUMN email;
UPDATE meta SET schema = 3, minimum = 3;
