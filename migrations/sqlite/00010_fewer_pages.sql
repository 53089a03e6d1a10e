-- +goose Up

-- What a commit costs is above all the pages that it changes, and each of a
-- table's indexes is one. A turn changes these tables at its beginning and again
-- at its end. Where a row is found by its primary key alone, it lives in that key's
-- tree (WITHOUT ROWID); a message lives at its place, by which a search finds it.
-- Small tables, and the few rows that are running, need no index of their own.
--
-- What a table was created with cannot be altered, so each is made anew. Only
-- these refer to one another; renaming a table renames it in who refers to it.

CREATE TABLE new_messages (
    account_id      TEXT    NOT NULL,
    id              TEXT    NOT NULL,
    conversation_id TEXT    NOT NULL,
    parent_id       TEXT    NOT NULL,
    role            TEXT    NOT NULL CHECK (role IN ('user', 'assistant')),
    parts           TEXT    NOT NULL,
    state           TEXT    NOT NULL CHECK (state IN ('complete', 'cancelled', 'failed', 'interrupted')),
    model           TEXT    NOT NULL,
    finish          TEXT    NOT NULL,
    error_code      TEXT    NOT NULL,
    error_text      TEXT    NOT NULL,
    usage           TEXT    NOT NULL,
    created_at      BIGINT  NOT NULL,
    finished_at     BIGINT  NOT NULL,
    rev             BIGINT  NOT NULL,
    place           INTEGER NOT NULL PRIMARY KEY,
    UNIQUE (account_id, id),
    FOREIGN KEY (account_id, conversation_id) REFERENCES conversations (account_id, id)
);
INSERT INTO new_messages (account_id, id, conversation_id, parent_id, role, parts, state, model, finish, error_code, error_text,
        usage, created_at, finished_at, rev, place)
    SELECT account_id, id, conversation_id, parent_id, role, parts, state, model, finish, error_code, error_text,
        usage, created_at, finished_at, rev, place FROM messages ORDER BY place;

CREATE TABLE new_message_ratings (
    account_id TEXT   NOT NULL,
    message_id TEXT   NOT NULL,
    user_id    TEXT   NOT NULL,
    value      TEXT   NOT NULL CHECK (value IN ('up', 'down')),
    reason     TEXT   NOT NULL,
    rated_at   BIGINT NOT NULL,
    PRIMARY KEY (account_id, message_id, user_id),
    FOREIGN KEY (account_id, message_id) REFERENCES new_messages (account_id, id)
);
INSERT INTO new_message_ratings (account_id, message_id, user_id, value, reason, rated_at)
    SELECT account_id, message_id, user_id, value, reason, rated_at FROM message_ratings;

CREATE TABLE new_turns (
    account_id      TEXT    NOT NULL,
    id              TEXT    NOT NULL,
    conversation_id TEXT    NOT NULL,
    question_id     TEXT    NOT NULL,
    member_id       TEXT    NOT NULL,
    model           TEXT    NOT NULL,
    digest          TEXT    NOT NULL,
    state           TEXT    NOT NULL CHECK (state IN ('running', 'complete', 'cancelled', 'failed', 'interrupted')),
    started_at      BIGINT  NOT NULL,
    ended_at        BIGINT  NOT NULL DEFAULT 0,
    owner           TEXT    NOT NULL,
    epoch           BIGINT  NOT NULL CHECK (epoch > 0),
    lease_until     BIGINT  NOT NULL,
    cancel_asked    BOOLEAN NOT NULL DEFAULT FALSE,
    PRIMARY KEY (account_id, id),
    FOREIGN KEY (account_id, conversation_id) REFERENCES conversations (account_id, id)
        DEFERRABLE INITIALLY DEFERRED
) WITHOUT ROWID;
INSERT INTO new_turns (account_id, id, conversation_id, question_id, member_id, model, digest, state, started_at, ended_at,
        owner, epoch, lease_until, cancel_asked)
    SELECT account_id, id, conversation_id, question_id, member_id, model, digest, state, started_at, ended_at,
        owner, epoch, lease_until, cancel_asked FROM turns;

CREATE TABLE new_turn_chunks (
    account_id TEXT   NOT NULL,
    turn_id    TEXT   NOT NULL,
    begins     BIGINT NOT NULL CHECK (begins >= 0),
    ends       BIGINT NOT NULL,
    body       BYTEA  NOT NULL,
    runs       TEXT   NOT NULL,
    PRIMARY KEY (account_id, turn_id, begins),
    CHECK (ends > begins),
    FOREIGN KEY (account_id, turn_id) REFERENCES new_turns (account_id, id)
) WITHOUT ROWID;
INSERT INTO new_turn_chunks (account_id, turn_id, begins, ends, body, runs)
    SELECT account_id, turn_id, begins, ends, body, runs FROM turn_chunks;

CREATE TABLE new_quota_counters (
    account_id     TEXT   NOT NULL REFERENCES accounts (id),
    scope          TEXT   NOT NULL CHECK (scope IN ('account', 'member', 'model', 'key')),
    subject        TEXT   NOT NULL,
    period         TEXT   NOT NULL CHECK (period IN ('day', 'month')),
    starts         BIGINT NOT NULL,
    messages_used  BIGINT NOT NULL DEFAULT 0 CHECK (messages_used >= 0),
    messages_held  BIGINT NOT NULL DEFAULT 0 CHECK (messages_held >= 0),
    messages_most  BIGINT NOT NULL DEFAULT 4611686018427387904,
    messages_told  BIGINT NOT NULL DEFAULT 0,
    tokens_used    BIGINT NOT NULL DEFAULT 0 CHECK (tokens_used >= 0),
    tokens_held    BIGINT NOT NULL DEFAULT 0 CHECK (tokens_held >= 0),
    tokens_most    BIGINT NOT NULL DEFAULT 4611686018427387904,
    tokens_told    BIGINT NOT NULL DEFAULT 0,
    micro_usd_used BIGINT NOT NULL DEFAULT 0 CHECK (micro_usd_used >= 0),
    micro_usd_held BIGINT NOT NULL DEFAULT 0 CHECK (micro_usd_held >= 0),
    micro_usd_most BIGINT NOT NULL DEFAULT 4611686018427387904,
    micro_usd_told BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (account_id, period, starts, scope, subject)
) WITHOUT ROWID;
INSERT INTO new_quota_counters (account_id, scope, subject, period, starts, messages_used, messages_held, messages_most, messages_told,
        tokens_used, tokens_held, tokens_most, tokens_told, micro_usd_used, micro_usd_held, micro_usd_most, micro_usd_told)
    SELECT account_id, scope, subject, period, starts, messages_used, messages_held, messages_most, messages_told,
        tokens_used, tokens_held, tokens_most, tokens_told, micro_usd_used, micro_usd_held, micro_usd_most, micro_usd_told
    FROM quota_counters;

CREATE TABLE new_quota_reservations (
    account_id              TEXT    NOT NULL REFERENCES accounts (id),
    id                      TEXT    NOT NULL,
    at                      BIGINT  NOT NULL,
    anchor_day              BIGINT  NOT NULL,
    expires_at              BIGINT  NOT NULL,
    kind                    TEXT    NOT NULL,
    conversation_id         TEXT    NOT NULL,
    member_id               TEXT    NOT NULL,
    model                   TEXT    NOT NULL,
    key_id                  TEXT    NOT NULL,
    prompt_tokens           BIGINT  NOT NULL CHECK (prompt_tokens >= 0),
    price_known             BOOLEAN NOT NULL,
    price_input             BIGINT  NOT NULL,
    price_cached_read       BIGINT  NOT NULL,
    price_cached_write      BIGINT  NOT NULL,
    price_cached_write_long BIGINT  NOT NULL DEFAULT 0,
    price_output            BIGINT  NOT NULL,
    price_above             BIGINT  NOT NULL DEFAULT 0,
    price_from              TEXT    NOT NULL DEFAULT '',
    messages                BIGINT  NOT NULL CHECK (messages >= 0),
    tokens                  BIGINT  NOT NULL CHECK (tokens >= 0),
    micro_usd               BIGINT  NOT NULL CHECK (micro_usd >= 0),
    PRIMARY KEY (account_id, id)
) WITHOUT ROWID;
INSERT INTO new_quota_reservations (account_id, id, at, anchor_day, expires_at, kind, conversation_id, member_id, model, key_id,
        prompt_tokens, price_known, price_input, price_cached_read, price_cached_write, price_cached_write_long, price_output,
        price_above, price_from, messages, tokens, micro_usd)
    SELECT account_id, id, at, anchor_day, expires_at, kind, conversation_id, member_id, model, key_id,
        prompt_tokens, price_known, price_input, price_cached_read, price_cached_write, price_cached_write_long, price_output,
        price_above, price_from, messages, tokens, micro_usd
    FROM quota_reservations;

CREATE TABLE new_usage_due (
    account_id TEXT   NOT NULL,
    moment     BIGINT NOT NULL,
    id         TEXT   NOT NULL,
    batch      TEXT   NOT NULL DEFAULT '',
    PRIMARY KEY (account_id, moment, id)
) WITHOUT ROWID;
INSERT INTO new_usage_due (account_id, moment, id, batch) SELECT account_id, moment, id, batch FROM usage_due;

DROP TRIGGER usage_ledger_due; -- or renaming would look into it, and miss its table
DROP TABLE message_ratings;
DROP TABLE messages;
DROP TABLE turn_chunks;
DROP TABLE turns;
DROP TABLE quota_counters;
DROP TABLE quota_reservations;
DROP TABLE usage_due;
ALTER TABLE new_messages RENAME TO messages;
ALTER TABLE new_message_ratings RENAME TO message_ratings;
ALTER TABLE new_turns RENAME TO turns;
ALTER TABLE new_turn_chunks RENAME TO turn_chunks;
ALTER TABLE new_quota_counters RENAME TO quota_counters;
ALTER TABLE new_quota_reservations RENAME TO quota_reservations;
ALTER TABLE new_usage_due RENAME TO usage_due;

CREATE UNIQUE INDEX messages_rev ON messages (account_id, rev);
CREATE INDEX messages_parent ON messages (account_id, conversation_id, parent_id);
CREATE INDEX message_ratings_user ON message_ratings (user_id);
CREATE UNIQUE INDEX turns_one_running ON turns (account_id, conversation_id) WHERE state = 'running';
CREATE INDEX turns_conversation ON turns (account_id, conversation_id);
CREATE INDEX usage_due_batch ON usage_due (batch) WHERE batch <> '';
-- +goose StatementBegin
CREATE TRIGGER usage_ledger_due AFTER INSERT ON usage_ledger
BEGIN
    INSERT INTO usage_due (account_id, moment, id)
        VALUES (NEW.account_id, COALESCE(NULLIF(NEW.counted_at, 0), NEW.created_at), NEW.id);
END;
-- +goose StatementEnd

UPDATE meta SET schema = 10, minimum = 8;

-- +goose Down
-- The tables hold the same in their new form: only the indexes come back.
CREATE INDEX quota_reservations_expired ON quota_reservations (expires_at);
CREATE INDEX turns_running ON turns (owner) WHERE state = 'running';
CREATE UNIQUE INDEX messages_place ON messages (account_id, place);
CREATE UNIQUE INDEX messages_place_everywhere ON messages (place);
UPDATE meta SET schema = 9, minimum = 8;
