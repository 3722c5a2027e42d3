// Package rest is the REST API under /api/v1. api/openapi.yaml is its only reference; the server around the handlers is
// generated from it. A handler binds its input, calls the Gateway once, and renders what comes back: it decides nothing.
//
// A request passes, in this order: the bounds of package web, authentication, the strict reading of its query and body
// (strict.go), the generated binding, the handler. Content and bundles of the log are sent by handlers of their
// own (content.go, proofs.go), because a response that the generated server tears off would end cleanly.
package rest

//go:generate go tool -modfile=../../.ci/tools/go.mod oapi-codegen --config codegen.yaml ../../api/openapi.yaml
//go:generate go test . -run TestRefusalsPage -update
