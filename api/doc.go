// Package api is the contract of the REST API: openapi.yaml as it is served, and its types as Go, which are made from
// it. Package client calls a gateway with them.
package api

import _ "embed" // for Contract

//go:generate go tool -modfile=../.ci/tools/go.mod oapi-codegen --config codegen.yaml openapi.yaml

// Contract is openapi.yaml.
//
//go:embed openapi.yaml
var Contract []byte
