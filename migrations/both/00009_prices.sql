-- +goose Up

-- The rest of the price that a reservation keeps: the row of the ledger that
-- settles it after a crash explains its cost as any other does.
ALTER TABLE quota_reservations ADD COLUMN price_cached_write_long BIGINT NOT NULL DEFAULT 0;
ALTER TABLE quota_reservations ADD COLUMN price_above             BIGINT NOT NULL DEFAULT 0;
ALTER TABLE quota_reservations ADD COLUMN price_from              TEXT   NOT NULL DEFAULT '';

UPDATE meta SET schema = 9, minimum = 8;

-- +goose Down
ALTER TABLE quota_reservations DROP COLUMN price_from;
ALTER TABLE quota_reservations DROP COLUMN price_above;
ALTER TABLE quota_reservations DROP COLUMN price_cached_write_long;
UPDATE meta SET schema = 8, minimum = 8;
