package ledger

// PlainBody is the fast way of Decode, to see that it is the one taken.
var PlainBody = plainBody
