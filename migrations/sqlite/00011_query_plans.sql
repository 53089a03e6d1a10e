-- +goose Up

-- A conversation that is new is looked for among the turns, which refer to it. By
-- what SQLite assumes of tables that it knows nothing of, it went through all the
-- account's turns for that, since turns live in their primary key's tree: a
-- beginning took longer with each turn there ever was. An account may hold nearly
-- all rows, a conversation holds a few: https://sqlite.org/fileformat2.html#stat1tab.
-- The first ANALYZE makes the table if there is none, the second reads it.
ANALYZE sqlite_schema;
DELETE FROM sqlite_stat1 WHERE tbl = 'turns';
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('turns', 'turns', '1000000 1000000 1'),
    ('turns', 'turns_conversation', '1000000 1000000 4 1');
ANALYZE sqlite_schema;

UPDATE meta SET schema = 11, minimum = 8;

-- +goose Down
DELETE FROM sqlite_stat1 WHERE tbl = 'turns';
ANALYZE sqlite_schema;
UPDATE meta SET schema = 10, minimum = 8;
