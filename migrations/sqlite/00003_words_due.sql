-- +goose Up

-- The places of messages whose words are not in the search index yet. A message
-- is queued in its own transaction and leaves in the one that indexes it, so
-- that a process may die between the two.
CREATE TABLE words_due (
    place INTEGER NOT NULL PRIMARY KEY
);

-- Many messages are indexed in one transaction now. FTS5 writes a segment of its
-- index whenever it has gathered so many bytes of words (1 MiB by default), and
-- merges segments when there are so many of them (4): both cost more than the
-- words themselves. It looks into every segment for a word that is searched, so
-- there must not be many more.
INSERT INTO message_words (message_words, rank) VALUES ('hashsize', 4194304);
INSERT INTO message_words (message_words, rank) VALUES ('automerge', 8);

-- An older program would not find what waits.
UPDATE meta SET schema = 3, minimum = 3;

-- +goose Down
-- What still waits is lost to a search: let a program of this version open the
-- database and close it first.
DROP TABLE words_due;
INSERT INTO message_words (message_words, rank) VALUES ('automerge', 4);
INSERT INTO message_words (message_words, rank) VALUES ('hashsize', 1048576);
UPDATE meta SET schema = 2, minimum = 2;
