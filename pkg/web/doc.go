// Package web is what every HTTP surface of the gateway has in common: the engine and its middleware, bounds on bodies
// and on patience, problem documents, the operations log's access lines, metrics, the admin listener, and the hard cut.
//
// Status codes live here and in the reasons table of article4, and nowhere else.
//
// Order of the middleware, outermost first: the caller's address as trusted proxies tell it, request id, access log,
// recovery, security headers, bounds on requests, patience with slow peers, bounds on the body. All of them act before
// anybody is authenticated, so a stranger costs little.
package web
