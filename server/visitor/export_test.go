package visitor

// Kept is how many visitors are remembered.
const Kept = kept

// Len is how many visitors are remembered now.
func (l *Limit) Len() int { return l.recent.Len() }
