-- +goose Up

-- +goose StatementBegin
CREATE FUNCTION usage_ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the usage ledger is append-only';
END;
$$;
-- +goose StatementEnd
CREATE TRIGGER usage_ledger_append_only BEFORE UPDATE OR DELETE ON usage_ledger
    FOR EACH ROW EXECUTE FUNCTION usage_ledger_refuse();
CREATE TRIGGER usage_ledger_no_truncate BEFORE TRUNCATE ON usage_ledger
    FOR EACH STATEMENT EXECUTE FUNCTION usage_ledger_refuse();

-- A row for each message that has words. index_words is the set of its words
-- without positions: positions end at 16383, and at 256 for one word, so
-- phrases are looked up in body instead, which is all words in their order with
-- a blank before and after each. Beside the words the set has markers, written
-- by the program: of the account, the conversation and pairs of adjacent words.
CREATE TABLE message_words (
    account_id  TEXT     NOT NULL,
    place       BIGINT   NOT NULL,
    index_words TSVECTOR NOT NULL,
    body        TEXT     NOT NULL,
    PRIMARY KEY (account_id, place)
);
CREATE INDEX message_words_index ON message_words USING gin (index_words);
-- Without figures the planner takes any word for a rare one, and so the index: it
-- is asked only for what is rare (see server/store), which no figure tells of a
-- set of words.
ALTER TABLE message_words ALTER COLUMN index_words SET STATISTICS 0;

-- Leases are renewed every few seconds: leave room to do it in place.
ALTER TABLE turns SET (fillfactor = 70);

UPDATE meta SET schema = 2, minimum = 2;

-- +goose Down
DROP TABLE message_words;
DROP TRIGGER usage_ledger_no_truncate ON usage_ledger;
DROP TRIGGER usage_ledger_append_only ON usage_ledger;
DROP FUNCTION usage_ledger_refuse();
UPDATE meta SET schema = 1, minimum = 1;
