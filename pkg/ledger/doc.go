// Package ledger is the disclosure log as an auditor sees it: what an entry says, how it is hashed, what a checkpoint
// promises, and the proof that an entry stands inside one. It needs no network, no database and no trust in the
// operator.
//
// An entry has a body (Body, Encode). Its leaf data (Leaf) names the Parties entitled to open it, each with its own
// running number, and closes over the body: closed = SHA-256(32 random bytes ‖ body). The tree is that of RFC 6962 over
// leaf data, so every leaf can be shown to every auditor and each body only to the entitled.
//
// A Checkpoint is a signed note (C2SP signed-note, tlog-checkpoint) that was opened with a key. A Receipt comes only
// from a Checkpoint: whoever holds a valid one holds the proof that the entry is in the signed tree.
package ledger
