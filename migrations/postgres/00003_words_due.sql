-- +goose Up

-- Nothing is put off here: words are stored with their message. The step only
-- keeps the numbers of both databases alike.
UPDATE meta SET schema = 3, minimum = 2;

-- +goose Down
UPDATE meta SET schema = 2, minimum = 2;
