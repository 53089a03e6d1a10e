-- +goose Up

-- One row that says what this database is. schema is the version of the newest
-- step applied, minimum the oldest program (by the schema version that it
-- knows) that may still open it: every step sets both.
CREATE TABLE meta (
    one     BOOLEAN NOT NULL PRIMARY KEY CHECK (one = TRUE),
    epoch   TEXT    NOT NULL,
    schema  BIGINT  NOT NULL,
    minimum BIGINT  NOT NULL
);
-- The program fills in the epoch when it first opens the database.
INSERT INTO meta (one, epoch, schema, minimum) VALUES (TRUE, '', 1, 1);

CREATE TABLE accounts (
    id         TEXT    NOT NULL PRIMARY KEY,
    name       TEXT    NOT NULL,
    personal   BOOLEAN NOT NULL,
    created_at BIGINT  NOT NULL,
    rev        BIGINT  NOT NULL DEFAULT 0 CHECK (rev >= 0)
);

CREATE TABLE users (
    id         TEXT    NOT NULL PRIMARY KEY,
    name       TEXT    NOT NULL,
    account_id TEXT    NOT NULL REFERENCES accounts (id),
    local      BOOLEAN NOT NULL,
    created_at BIGINT  NOT NULL
);
CREATE UNIQUE INDEX users_local ON users (local) WHERE local = TRUE;
CREATE INDEX users_name ON users (name);

CREATE TABLE memberships (
    account_id TEXT   NOT NULL REFERENCES accounts (id),
    user_id    TEXT   NOT NULL REFERENCES users (id),
    role       TEXT   NOT NULL CHECK (role IN ('owner', 'admin', 'member')),
    created_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, user_id)
);
CREATE INDEX memberships_user ON memberships (user_id);

CREATE TABLE tokens (
    user_id    TEXT   NOT NULL REFERENCES users (id),
    id         TEXT   NOT NULL,
    name       TEXT   NOT NULL,
    hash       BYTEA  NOT NULL UNIQUE,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, id)
);

CREATE TABLE conversations (
    account_id    TEXT    NOT NULL REFERENCES accounts (id),
    id            TEXT    NOT NULL,
    title         TEXT    NOT NULL,
    title_by_user BOOLEAN NOT NULL,
    model         TEXT    NOT NULL,
    system        TEXT    NOT NULL,
    origin        TEXT    NOT NULL,
    listed        BOOLEAN NOT NULL,
    leaf_id       TEXT    NOT NULL,
    fork_of       TEXT    NOT NULL,
    fork_at       TEXT    NOT NULL,
    created_at    BIGINT  NOT NULL,
    updated_at    BIGINT  NOT NULL,
    deleted_at    BIGINT  NOT NULL DEFAULT 0,
    rev           BIGINT  NOT NULL,
    -- Hexadecimal digest of what it was created as: tells a repeated creation from another
    -- use of the id, whatever has been changed since.
    made_of       TEXT    NOT NULL,
    PRIMARY KEY (account_id, id)
);
CREATE UNIQUE INDEX conversations_rev ON conversations (account_id, rev);
CREATE INDEX conversations_all ON conversations (account_id, updated_at, id) WHERE deleted_at = 0;
CREATE INDEX conversations_listed ON conversations (account_id, updated_at, id) WHERE deleted_at = 0 AND listed = TRUE;
CREATE INDEX conversations_deleted ON conversations (deleted_at) WHERE deleted_at > 0;

CREATE TABLE tombstones (
    account_id      TEXT   NOT NULL REFERENCES accounts (id),
    conversation_id TEXT   NOT NULL,
    deleted_at      BIGINT NOT NULL,
    rev             BIGINT NOT NULL,
    PRIMARY KEY (account_id, conversation_id)
);
CREATE UNIQUE INDEX tombstones_rev ON tombstones (account_id, rev);

CREATE TABLE messages (
    account_id      TEXT   NOT NULL,
    id              TEXT   NOT NULL,
    conversation_id TEXT   NOT NULL,
    parent_id       TEXT   NOT NULL,
    role            TEXT   NOT NULL CHECK (role IN ('user', 'assistant')),
    parts           TEXT   NOT NULL,
    state           TEXT   NOT NULL CHECK (state IN ('complete', 'cancelled', 'failed', 'interrupted')),
    model           TEXT   NOT NULL,
    finish          TEXT   NOT NULL,
    error_code      TEXT   NOT NULL,
    error_text      TEXT   NOT NULL,
    usage           TEXT   NOT NULL,
    created_at      BIGINT NOT NULL,
    finished_at     BIGINT NOT NULL,
    rev             BIGINT NOT NULL,
    -- Where it stands among the account's messages by age: created_at, or the
    -- next free number after it. It names the message in the search index.
    place           BIGINT NOT NULL,
    PRIMARY KEY (account_id, id),
    FOREIGN KEY (account_id, conversation_id) REFERENCES conversations (account_id, id)
);
CREATE UNIQUE INDEX messages_rev ON messages (account_id, rev);
CREATE UNIQUE INDEX messages_place ON messages (account_id, place);
CREATE INDEX messages_parent ON messages (account_id, conversation_id, parent_id);

CREATE TABLE turns (
    account_id      TEXT    NOT NULL,
    id              TEXT    NOT NULL,
    conversation_id TEXT    NOT NULL,
    question_id     TEXT    NOT NULL,
    member_id       TEXT    NOT NULL,
    model           TEXT    NOT NULL,
    digest          TEXT    NOT NULL, -- hexadecimal
    state           TEXT    NOT NULL CHECK (state IN ('running', 'complete', 'cancelled', 'failed', 'interrupted')),
    started_at      BIGINT  NOT NULL,
    ended_at        BIGINT  NOT NULL DEFAULT 0,
    owner           TEXT    NOT NULL,
    epoch           BIGINT  NOT NULL CHECK (epoch > 0),
    lease_until     BIGINT  NOT NULL, -- the database's clock
    cancel_asked    BOOLEAN NOT NULL DEFAULT FALSE,
    PRIMARY KEY (account_id, id),
    -- Deferred: a turn is stored before the conversation that it creates, so
    -- that locks are taken in one order everywhere.
    FOREIGN KEY (account_id, conversation_id) REFERENCES conversations (account_id, id)
        DEFERRABLE INITIALLY DEFERRED
);
CREATE UNIQUE INDEX turns_one_running ON turns (account_id, conversation_id) WHERE state = 'running';
CREATE INDEX turns_running ON turns (owner) WHERE state = 'running';
CREATE INDEX turns_conversation ON turns (account_id, conversation_id);

CREATE TABLE turn_chunks (
    account_id TEXT   NOT NULL,
    turn_id    TEXT   NOT NULL,
    begins     BIGINT NOT NULL CHECK (begins >= 0),
    ends       BIGINT NOT NULL,
    body       BYTEA  NOT NULL,
    runs       TEXT   NOT NULL,
    PRIMARY KEY (account_id, turn_id, begins),
    CHECK (ends > begins),
    FOREIGN KEY (account_id, turn_id) REFERENCES turns (account_id, id)
);

CREATE TABLE usage_ledger (
    account_id         TEXT    NOT NULL REFERENCES accounts (id),
    id                 TEXT    NOT NULL,
    created_at         BIGINT  NOT NULL,
    member_id          TEXT    NOT NULL,
    kind               TEXT    NOT NULL,
    turn_id            TEXT    NOT NULL,
    conversation_id    TEXT    NOT NULL,
    attempt            BIGINT  NOT NULL CHECK (attempt > 0),
    provider           TEXT    NOT NULL,
    model              TEXT    NOT NULL,
    key_id             TEXT    NOT NULL,
    request_id         TEXT    NOT NULL,
    input_tokens       BIGINT  NOT NULL CHECK (input_tokens >= 0),
    cached_read        BIGINT  NOT NULL CHECK (cached_read >= 0),
    cached_write       BIGINT  NOT NULL CHECK (cached_write >= 0),
    output_tokens      BIGINT  NOT NULL CHECK (output_tokens >= 0),
    reasoning          BIGINT  NOT NULL CHECK (reasoning >= 0),
    source             TEXT    NOT NULL,
    price_known        BOOLEAN NOT NULL,
    price_input        BIGINT  NOT NULL,
    price_cached_read  BIGINT  NOT NULL,
    price_cached_write BIGINT  NOT NULL,
    price_output       BIGINT  NOT NULL,
    cost_micro_usd     BIGINT  NOT NULL CHECK (cost_micro_usd >= 0),
    charged            BOOLEAN NOT NULL,
    reservation_id     TEXT    NOT NULL,
    outcome            TEXT    NOT NULL,
    error_code         TEXT    NOT NULL,
    first_token_us     BIGINT  NOT NULL,
    total_us           BIGINT  NOT NULL,
    PRIMARY KEY (account_id, id)
);
CREATE INDEX usage_ledger_time ON usage_ledger (account_id, created_at, id);

-- +goose Down
DROP TABLE usage_ledger;
DROP TABLE turn_chunks;
DROP TABLE turns;
DROP TABLE messages;
DROP TABLE tombstones;
DROP TABLE conversations;
DROP TABLE tokens;
DROP TABLE memberships;
DROP TABLE users;
DROP TABLE accounts;
DROP TABLE meta;
