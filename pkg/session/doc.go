// Package session signs people in at a browser, keeps their sessions, and signs them out.
//
// A session is a row in PostgreSQL, found by the digest of the cookie that the browser holds. What the row keeps of the
// person is sealed with a key made of that cookie: whoever has the database alone can neither use a session nor read
// it, and there is no key to be kept (decision 0150). All replicas see the rows, and nothing is remembered beside them:
// a session that was ended is over at the next request, wherever that arrives. Both its ends, absolute and idle, are
// measured by the database's clock.
//
// The provider's answer arrives by GET, and a GET gives nothing: it is shown as one page with one button, whose POST
// redeems the code (decision 0151). Each attempt has a row and a cookie of its own, so that several may be under way in
// one browser and none can be planted in another's.
//
// What a session may do is decided by the Gateway at each request: the session holds claims, as a bearer token does,
// and Recognise turns them into an Actor.
package session
