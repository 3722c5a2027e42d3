// Package devstack runs the outside parts of the gateway as children of this process: PostgreSQL,
// an S3 server and OIDC issuers. `chanceryd demo` and the tests use the same code and the same parts.
//
// What it promises for each part: it listens on 127.0.0.1 only; its secrets are random; its data is kept under the
// directory given and is used again at the next start; it ends with this process, even when this process is killed
// (Linux); what a killed process left behind is cleaned at the next start. It is made for development: one machine, one
// user, no TLS.
package devstack
