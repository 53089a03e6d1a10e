-- +goose Up

-- +goose StatementBegin
CREATE TRIGGER usage_ledger_no_update BEFORE UPDATE ON usage_ledger
BEGIN
    SELECT RAISE(ABORT, 'the usage ledger is append-only');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER usage_ledger_no_delete BEFORE DELETE ON usage_ledger
BEGIN
    SELECT RAISE(ABORT, 'the usage ledger is append-only');
END;
-- +goose StatementEnd

-- The search index's rowid is the message's place. Reading it backwards gives
-- the newest hits first, and a search may stop at the first page, however many
-- messages match. So places are unique in the whole file here.
CREATE UNIQUE INDEX messages_place_everywhere ON messages (place);

-- The words come split and folded from the program: ascii keeps them as they
-- are. scope holds the account's and the conversation's id, so that the index
-- itself restricts a search to them.
CREATE VIRTUAL TABLE message_words USING fts5 (
    scope, words,
    content = '', contentless_delete = 1,
    tokenize = 'ascii', prefix = '2 3'
);

UPDATE meta SET schema = 2, minimum = 2;

-- +goose Down
DROP TABLE message_words;
DROP INDEX messages_place_everywhere;
DROP TRIGGER usage_ledger_no_delete;
DROP TRIGGER usage_ledger_no_update;
UPDATE meta SET schema = 1, minimum = 1;
