-- +goose Up

-- Why a completed call ended, in the provider package's words; empty: it did not,
-- or the row is older than this column.
ALTER TABLE usage_ledger ADD COLUMN finish TEXT NOT NULL DEFAULT '';

-- The part of cached_write that was written for an hour, and its price; from which
-- length of the prompt and from which day on the row's price holds.
ALTER TABLE usage_ledger ADD COLUMN cached_write_long       BIGINT NOT NULL DEFAULT 0 CHECK (cached_write_long >= 0);
ALTER TABLE usage_ledger ADD COLUMN price_cached_write_long BIGINT NOT NULL DEFAULT 0;
ALTER TABLE usage_ledger ADD COLUMN price_above             BIGINT NOT NULL DEFAULT 0;
ALTER TABLE usage_ledger ADD COLUMN price_from              TEXT   NOT NULL DEFAULT '';

-- A row's moment is that in whose day and month it counts, and else its own. All
-- that is read of the ledger is read by it.
DROP INDEX usage_ledger_time;
CREATE INDEX usage_ledger_moment ON usage_ledger (account_id, (COALESCE(NULLIF(counted_at, 0), created_at)), id);
CREATE INDEX usage_ledger_conversation ON usage_ledger (account_id, conversation_id, (COALESCE(NULLIF(counted_at, 0), created_at)), id)
    WHERE conversation_id <> '';

-- The rows that are not rolled up yet. A row is added here by the transaction that
-- adds it to the ledger, and removed by the one that adds it to the sums. batch
-- names the rolling up that has taken it; it is never seen outside.
CREATE TABLE usage_due (
    account_id TEXT   NOT NULL,
    moment     BIGINT NOT NULL,
    id         TEXT   NOT NULL,
    batch      TEXT   NOT NULL DEFAULT '',
    PRIMARY KEY (account_id, moment, id)
);
CREATE INDEX usage_due_batch ON usage_due (batch) WHERE batch <> '';
INSERT INTO usage_due (account_id, moment, id)
    SELECT account_id, COALESCE(NULLIF(counted_at, 0), created_at), id FROM usage_ledger;

-- The ledger's sums by the hour (of UTC): for everything but conversations, for
-- conversations, and of how calls ended.
CREATE TABLE usage_hours (
    account_id          TEXT    NOT NULL,
    hour                BIGINT  NOT NULL,
    member_id           TEXT    NOT NULL,
    provider            TEXT    NOT NULL,
    model               TEXT    NOT NULL,
    key_id              TEXT    NOT NULL,
    kind                TEXT    NOT NULL,
    charged             BOOLEAN NOT NULL,
    calls               BIGINT  NOT NULL,
    input_tokens        BIGINT  NOT NULL,
    cached_read         BIGINT  NOT NULL,
    cached_write        BIGINT  NOT NULL,
    cached_write_long   BIGINT  NOT NULL,
    output_tokens       BIGINT  NOT NULL,
    reasoning           BIGINT  NOT NULL,
    cost_micro_usd      BIGINT  NOT NULL,
    estimated_calls     BIGINT  NOT NULL,
    estimated_micro_usd BIGINT  NOT NULL,
    unpriced_calls      BIGINT  NOT NULL,
    failed_calls        BIGINT  NOT NULL,
    PRIMARY KEY (account_id, hour, member_id, provider, model, key_id, kind, charged)
);
CREATE INDEX usage_hours_hour ON usage_hours (hour);

CREATE TABLE usage_conversation_hours (
    account_id          TEXT    NOT NULL,
    hour                BIGINT  NOT NULL,
    conversation_id     TEXT    NOT NULL,
    member_id           TEXT    NOT NULL,
    charged             BOOLEAN NOT NULL,
    calls               BIGINT  NOT NULL,
    input_tokens        BIGINT  NOT NULL,
    cached_read         BIGINT  NOT NULL,
    cached_write        BIGINT  NOT NULL,
    cached_write_long   BIGINT  NOT NULL,
    output_tokens       BIGINT  NOT NULL,
    reasoning           BIGINT  NOT NULL,
    cost_micro_usd      BIGINT  NOT NULL,
    estimated_calls     BIGINT  NOT NULL,
    estimated_micro_usd BIGINT  NOT NULL,
    unpriced_calls      BIGINT  NOT NULL,
    failed_calls        BIGINT  NOT NULL,
    PRIMARY KEY (account_id, hour, conversation_id, member_id, charged)
);

CREATE TABLE usage_outcome_hours (
    account_id     TEXT   NOT NULL,
    hour           BIGINT NOT NULL,
    member_id      TEXT   NOT NULL,
    provider       TEXT   NOT NULL,
    model          TEXT   NOT NULL,
    kind           TEXT   NOT NULL,
    outcome        TEXT   NOT NULL,
    finish         TEXT   NOT NULL,
    error_code     TEXT   NOT NULL,
    calls          BIGINT NOT NULL,
    retries        BIGINT NOT NULL,
    cost_micro_usd BIGINT NOT NULL,
    PRIMARY KEY (account_id, hour, member_id, provider, model, kind, outcome, finish, error_code)
);
CREATE INDEX usage_outcome_hours_hour ON usage_outcome_hours (hour);

-- What users think of answers.
CREATE TABLE message_ratings (
    account_id TEXT   NOT NULL,
    message_id TEXT   NOT NULL,
    user_id    TEXT   NOT NULL,
    value      TEXT   NOT NULL CHECK (value IN ('up', 'down')),
    reason     TEXT   NOT NULL,
    rated_at   BIGINT NOT NULL,
    PRIMARY KEY (account_id, message_id, user_id),
    FOREIGN KEY (account_id, message_id) REFERENCES messages (account_id, id)
);
CREATE INDEX message_ratings_user ON message_ratings (user_id);

-- +goose StatementBegin
CREATE TRIGGER usage_ledger_due AFTER INSERT ON usage_ledger
BEGIN
    INSERT INTO usage_due (account_id, moment, id)
        VALUES (NEW.account_id, COALESCE(NULLIF(NEW.counted_at, 0), NEW.created_at), NEW.id);
END;
-- +goose StatementEnd

UPDATE meta SET schema = 8, minimum = 8;

-- +goose Down
DROP TRIGGER usage_ledger_due;
DROP TABLE message_ratings;
DROP TABLE usage_outcome_hours;
DROP TABLE usage_conversation_hours;
DROP TABLE usage_hours;
DROP TABLE usage_due;
DROP INDEX usage_ledger_conversation;
DROP INDEX usage_ledger_moment;
CREATE INDEX usage_ledger_time ON usage_ledger (account_id, created_at, id);
ALTER TABLE usage_ledger DROP COLUMN price_from;
ALTER TABLE usage_ledger DROP COLUMN price_above;
ALTER TABLE usage_ledger DROP COLUMN price_cached_write_long;
ALTER TABLE usage_ledger DROP COLUMN cached_write_long;
ALTER TABLE usage_ledger DROP COLUMN finish;
UPDATE meta SET schema = 7, minimum = 7;
