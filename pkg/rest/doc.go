// Package rest is the REST API under /api/v1. api/openapi.yaml is its reference, and table.go is the whole of it: one
// row an operation, which a test holds against the contract. A handler binds its input, calls the Gateway once, and
// says what to answer: it decides nothing.
//
// A request passes, in this order: the bounds of package web, authentication, the strict reading of its query
// (query.go) and body (decode.go, in one pass), the handler, and one rendering (web.Answer). Content and bundles of the
// log write their answer themselves (content.go, proofs.go), because what is torn off must not end cleanly.
package rest

//go:generate go test . -run TestRefusalsPage -update
