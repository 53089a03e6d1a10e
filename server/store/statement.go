package store

import "fmt"

// statements are the queries that need a word of the dialect.
type statements struct {
	beginTurn string
	renew     string // with %s for the list of turns
	claim     string
	claimAll  string
	reserve   string
	expired   string
	anchor    string
	takeDue   string
}

func newStatements(d *dialect) statements {
	return statements{
		beginTurn: fmt.Sprintf(beginTurnText, d.now),
		renew:     fmt.Sprintf(renewText, d.now, "%s"),
		claim:     fmt.Sprintf(claimText, "lease_until < "+d.now, d.skipLocked, d.now),
		claimAll:  fmt.Sprintf(claimText, "owner <> $1", d.skipLocked, d.now),
		reserve:   fmt.Sprintf(reserveText, d.now),
		anchor:    `SELECT anchor_day, created_at FROM accounts WHERE id = $1` + d.share,
		expired:   fmt.Sprintf(expiredText, d.now),
		takeDue:   fmt.Sprintf(takeDueText, d.skipLocked),
	}
}
