// Package api is the REST API's reference as Go: the types of openapi.yaml and a client. Both are generated; the
// server's half stands in pkg/rest, so that a client links no server.
package api

//go:generate go tool -modfile=../.ci/tools/go.mod oapi-codegen --config codegen.yaml openapi.yaml
