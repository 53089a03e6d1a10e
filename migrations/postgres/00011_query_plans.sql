-- +goose Up

-- SQLite alone has to be told what its tables are like.
UPDATE meta SET schema = 11, minimum = 8;

-- +goose Down
UPDATE meta SET schema = 10, minimum = 8;
