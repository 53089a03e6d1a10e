package store

import "context"

// Reclaim lets the jobs run again at once that an earlier process left behind
// when it died. On Postgres another process may be at them: there it does
// nothing, and River takes a job for left behind when it has run for too long. A
// job that has used up its tries is left to River, too.
func (j *Jobs) Reclaim(ctx context.Context) error {
	if !j.db.Exclusive() {
		return nil
	}
	return j.db.tx(ctx, func(q querier) error {
		_, err := q.ExecContext(ctx, `UPDATE river_job SET state = 'available' WHERE state = 'running' AND attempt < max_attempts`)
		return err
	})
}
