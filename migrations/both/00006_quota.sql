-- +goose Up

-- The account's plan; empty: the server's default. anchor_day is the day on which
-- its months begin; 0: that of its creation.
ALTER TABLE accounts ADD COLUMN plan       TEXT   NOT NULL DEFAULT '';
ALTER TABLE accounts ADD COLUMN anchor_day BIGINT NOT NULL DEFAULT 0 CHECK (anchor_day BETWEEN 0 AND 31);

-- The moment in whose periods a row counts; 0: it counts in none.
ALTER TABLE usage_ledger ADD COLUMN counted_at BIGINT NOT NULL DEFAULT 0;

-- What is used and held in one period: a function of the ledger and of the
-- reservations. The next period has rows of its own; nothing is reset. most is
-- the limit under which the last reservation was made, told the percentage of it
-- that its user has been told of.
CREATE TABLE quota_counters (
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
);

-- What running calls hold. Whoever removes a row settles it.
CREATE TABLE quota_reservations (
    account_id         TEXT    NOT NULL REFERENCES accounts (id),
    id                 TEXT    NOT NULL,
    at                 BIGINT  NOT NULL,
    anchor_day         BIGINT  NOT NULL,
    expires_at         BIGINT  NOT NULL, -- the database's clock
    kind               TEXT    NOT NULL,
    conversation_id    TEXT    NOT NULL,
    member_id          TEXT    NOT NULL,
    model              TEXT    NOT NULL, -- provider/name
    key_id             TEXT    NOT NULL,
    prompt_tokens      BIGINT  NOT NULL CHECK (prompt_tokens >= 0),
    price_known        BOOLEAN NOT NULL,
    price_input        BIGINT  NOT NULL,
    price_cached_read  BIGINT  NOT NULL,
    price_cached_write BIGINT  NOT NULL,
    price_output       BIGINT  NOT NULL,
    messages           BIGINT  NOT NULL CHECK (messages >= 0),
    tokens             BIGINT  NOT NULL CHECK (tokens >= 0),
    micro_usd          BIGINT  NOT NULL CHECK (micro_usd >= 0),
    PRIMARY KEY (account_id, id)
);
CREATE INDEX quota_reservations_expired ON quota_reservations (expires_at);

UPDATE meta SET schema = 6, minimum = 6;

-- +goose Down
DROP TABLE quota_reservations;
DROP TABLE quota_counters;
ALTER TABLE usage_ledger DROP COLUMN counted_at;
ALTER TABLE accounts DROP COLUMN anchor_day;
ALTER TABLE accounts DROP COLUMN plan;
UPDATE meta SET schema = 5, minimum = 5;
