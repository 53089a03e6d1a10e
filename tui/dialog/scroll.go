package dialog

// scrolled is which of so many rows is shown first after a key, and whether the key
// scrolls at all. It may be one that there is not: whoever draws puts that right.
func scrolled(key string, top, rows int) (first int, scrolls bool) {
	const page = 10
	switch key {
	case "up", "k":
		return top - 1, true
	case "down", "j":
		return top + 1, true
	case "pgup", "b":
		return top - page, true
	case "pgdown", "space", " ":
		return top + page, true
	case "home", "g":
		return 0, true
	case "end", "G":
		return rows, true
	}
	return top, false
}
