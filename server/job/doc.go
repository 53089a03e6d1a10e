// Package job does the work that nobody waits for: letters, and sweeping up.
//
// A job is a row in River's table, added by the transaction that gives rise to it
// (server/store), worked by one of the processes that serve, tried again where it
// fails, and dead for all to see where it has failed too often. Each kind of job
// has a file of its own; workers.go lists them all.
//
// job imports nouns and verbs, and River, which is what it is about. It is above
// the verbs and not in them: they say what is to be done (mail.Letter), not when
// and how often it is tried.
package job
