// Package exchange is the application: Gateway, the one door through which every act passes.
//
// Each method takes the Actor first and begins with the same unexported step (door.go): lock, read the facts, let
// article4 decide, write the entry, the refusal's too. Only then comes what the act does, in the same transaction.
// Handlers have nothing else to call.
//
// One file holds one verb. The first word of its name says what the verb is about: door_ what every act passes,
// document_, request_, disclosure_ (a copy that goes out), party_ (the Arrangement's own records), hold_ (Holds and
// erasure), log_ (what auditors read), notice_ (what people are told), background_ (what the gateway does by itself).
package exchange
