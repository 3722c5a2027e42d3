// Package exchange is the application: Gateway, the one door through which every act passes.
//
// Each method takes the Actor first and begins with the same unexported step (door.go): lock, read the facts, let
// article4 decide, write the entry, the refusal's too. Only then comes what the act does, in the same transaction.
// Handlers have nothing else to call. One file holds one verb.
package exchange
