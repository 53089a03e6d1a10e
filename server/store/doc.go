// Package store keeps everything that lasts, in SQLite or in Postgres.
//
// It implements the stores that the nouns and verbs declare (identity, signin, vault,
// conversation, usage, turn) on one SQL text: $n placeholders, the types TEXT,
// BIGINT, BOOLEAN and BYTEA, times as microseconds since 1970 with 0 for none,
// an empty text for an absent name. What truly differs between the databases is in
// dialect.go, and how they are opened in sqlite.go and postgres.go.
//
// Three rules make the same code right on both:
//
//   - An invariant is one conditional statement with a CHECK or a UNIQUE behind
//     it; no value is read, computed with in Go and written back.
//   - Locks are taken in one order: what concerns the whole server, the turn,
//     (later the quota rows,) the account's revision, then the rows that carry
//     the revision; a refresh token before its session. See oneAtATime and bump.
//   - After an error a transaction is over: it is rolled back, never continued.
//
// store imports the nouns and verbs whose interfaces it implements, migrations,
// fault, and the database libraries, River among them; no door and no other edge.
package store
