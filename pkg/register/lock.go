package register

// Lock says how the Arrangement or a document is held until the transaction ends.
type Lock int

// The locks of the three ways (architecture.md): widening acts share, narrowing acts exclude.
const (
	Unlocked Lock = iota
	ForShare
	ForNarrow
)

// What is held has a name, and the lock is on the name (docs/decisions/0060): who wants it alone stands in the queue, and
// whoever comes after waits behind. On a row, new sharers would pass the one who waits, for as long as there are any.
const theArrangement = `'arrangement'`

// call is the statement that waits for the lock. What is asked by a later statement is as it stands behind it.
func (l Lock) call(name string) string {
	if l == ForShare {
		return `SELECT pg_advisory_xact_lock_shared(hashtextextended(` + name + `, 0))`
	}
	return `SELECT pg_advisory_xact_lock(hashtextextended(` + name + `, 0))`
}
