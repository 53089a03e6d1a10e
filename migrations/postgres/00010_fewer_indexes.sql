-- +goose Up

-- Each index is written at a turn's beginning and again at its end. Those that
-- are running are few, and are found by turns_one_running; so are reservations.
DROP INDEX turns_running;
DROP INDEX quota_reservations_expired;

UPDATE meta SET schema = 10, minimum = 8;

-- +goose Down
CREATE INDEX quota_reservations_expired ON quota_reservations (expires_at);
CREATE INDEX turns_running ON turns (owner) WHERE state = 'running';
UPDATE meta SET schema = 9, minimum = 8;
