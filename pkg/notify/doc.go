// Package notify sends people word that something waits for them.
//
// What a mail tells of is in the records before: each notice is put there, and marked as unsent, by the transaction of
// the act that it tells of. This package makes mails of notices and hands them to a mail server over TLS. A mail holds
// a count, the numbers of the notices and an address of the gateway: no title, no name, no statement, no token. Any
// number of replicas may run a Worker; a mail that was being sent when one was killed is sent by the next.
package notify
