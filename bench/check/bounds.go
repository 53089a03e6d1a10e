package main

import "context"

// render is what drawing costs, by the benchmarks of the packages themselves.
func render(ctx context.Context) ([]figure, error) {
	// A frame is drawn for each 33 ms of deltas: 1 % of a core is 330 µs.
	const frame = 330
	return packages(ctx, []benchmark{
		{"render: a 200 kB answer streams", "./tui", "Stream200kB", "µs/frame", frame, 5, "% of a core"},
		{"render: a 200 kB code block streams", "./tui/markdown", "Stream/200kB_fence", "µs/delta", frame, 5, "% of a core"},
		{"render: 5 000 messages open", "./tui", "Open5000", "ns/op", 1e6, 100, "ms"},
	})
}

// store is what the database answers in: a page of a list of 10 000
// conversations, and a search over AICHAT_BENCH_MESSAGES messages; the promise
// is made for a million.
func store(ctx context.Context) ([]figure, error) {
	var all []benchmark
	for _, db := range []string{"sqlite", "postgres"} {
		all = append(all,
			benchmark{"store: list, " + db + ", p95", "./server/store", "List/" + db, "p95-ms", 1, 50, "ms"},
			benchmark{"store: search, " + db + ", p95", "./server/store", "Search/" + db + "/all", "p95-ms", 1, 200, "ms"},
		)
	}
	return packages(ctx, all)
}

// quota is what it costs that an account has limits: what a reservation adds to
// the time until an answer's first token, in the middle, and what one takes of an
// account that sixteen sides reserve from at once: 2 ms are 500 a second.
func quota(ctx context.Context) ([]figure, error) {
	return packages(ctx, []benchmark{
		{"quota: a reservation adds, sqlite, p50", "./server/store", "Reservation/sqlite", "added-p50-ms", 1, 1, "ms"},
		{"quota: a reservation adds, postgres, p50", "./server/store", "Reservation/postgres", "added-p50-ms", 1, 3, "ms"},
		{"quota: a hot account's reservation, postgres", "./server/store", "ReserveHot/postgres", "ns/op", 1e6, 2, "ms"},
	})
}
