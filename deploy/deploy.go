// Package deploy holds the files that a gateway starts from; the demo and the tests read the same ones.
package deploy

import _ "embed"

// Arrangement is the Arrangement file of the WCO and UNOCT, arrangements/wco-unoct-2022.yaml.
//
//go:embed arrangements/wco-unoct-2022.yaml
var Arrangement []byte

// ExampleConfig is gateway.example.yaml, which "chanceryd config example" prints.
//
//go:embed gateway.example.yaml
var ExampleConfig []byte
