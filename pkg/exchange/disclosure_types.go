package exchange

import (
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/stamp"
)

// Reading is what a reader hands in to get the bytes.
type Reading struct {
	Purpose          article4.PurposeCode
	Statement        string
	Form             article4.Form // empty: stamped
	Version          article4.VersionID
	ConditionsSHA256 article4.Digest
	File             bool // the bytes are asked for, of a disclosure that was permitted before
}

// Disclosure is one authorised disclosure: its entry stands in a signed checkpoint before anybody sees this value.
type Disclosure struct {
	ID         article4.DisclosureID
	Document   article4.DocumentID
	Version    article4.VersionID
	Form       article4.Form
	CopyNumber string
	Marking    article4.Marking
	Entry      string
	LogIndex   int64 // position of the entry in the log
	ExpiresAt  time.Time
	Size       int64
	SHA256     article4.Digest
	MediaType  string
	FileName   string
	FormGround article4.FormGround // why this form; not of a Transfer's
	// CanBeRead: page by page, as pictures of the marked copy
	CanBeRead bool
	// Warnings, of a marked copy: what it does not keep of the original, or does not mark; of any: what the file can do
	Warnings []stamp.Warning

	// Of a marked copy in the making, size, digest, type and name are not known yet.
	State    CopyState
	Progress Progress
	Reason   article4.Code // why no copy could be made
	Failure  string        // the entry that says so
}

// ByteRange is a single range of RFC 9110 14.1.2. First < 0: the last Last bytes. Last < 0: to the end.
type ByteRange struct {
	First, Last int64
}
