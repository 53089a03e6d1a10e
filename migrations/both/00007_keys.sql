-- +goose Up

-- Provider keys, sealed. A key is the server's, an account's or a user's; the two
-- columns of its owner are NULL where they are not meant, since they refer to
-- rows. Of a removed key the box is empty, and the rest names the ledger's rows.
CREATE TABLE provider_keys (
    id         TEXT    NOT NULL PRIMARY KEY,
    owner      TEXT    NOT NULL CHECK (owner IN ('server', 'account', 'user')),
    account_id TEXT    REFERENCES accounts (id),
    user_id    TEXT    REFERENCES users (id) ON DELETE CASCADE,
    provider   TEXT    NOT NULL,
    api        TEXT    NOT NULL,
    base_url   TEXT    NOT NULL,
    label      TEXT    NOT NULL,
    hint       TEXT    NOT NULL,
    weight     BIGINT  NOT NULL CHECK (weight BETWEEN 0 AND 1000),
    disabled   BOOLEAN NOT NULL,
    created_at BIGINT  NOT NULL,
    created_by TEXT    NOT NULL,
    used_at    BIGINT  NOT NULL DEFAULT 0,
    trouble    TEXT    NOT NULL DEFAULT '', -- why it last did not serve; empty: it did
    trouble_at BIGINT  NOT NULL DEFAULT 0,
    master_key TEXT    NOT NULL,            -- the id of what it is sealed by
    box        BYTEA   NOT NULL,
    removed_at BIGINT  NOT NULL DEFAULT 0,
    CHECK ((owner = 'account') = (account_id IS NOT NULL)),
    CHECK ((owner = 'user') = (user_id IS NOT NULL)),
    CHECK ((removed_at > 0) = (length(box) = 0))
);
CREATE INDEX provider_keys_account ON provider_keys (account_id) WHERE account_id IS NOT NULL;
CREATE INDEX provider_keys_user ON provider_keys (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX provider_keys_server ON provider_keys (owner) WHERE owner = 'server';
CREATE INDEX provider_keys_master ON provider_keys (master_key, id);

-- One row: a number that grows with every change of the keys.
CREATE TABLE provider_keys_rev (
    one BOOLEAN NOT NULL PRIMARY KEY CHECK (one = TRUE),
    rev BIGINT  NOT NULL
);
INSERT INTO provider_keys_rev (one, rev) VALUES (TRUE, 1);

UPDATE meta SET schema = 7, minimum = 7;

-- +goose Down
DROP TABLE provider_keys_rev;
DROP TABLE provider_keys;
UPDATE meta SET schema = 6, minimum = 6;
