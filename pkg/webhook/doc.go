// Package webhook sends to the addresses that two people of a Party agreed on that something was told to that Party:
// the identifier of a notice, its kind and its time, and nothing else. What it sends is signed as Standard Webhooks
// has it (https://www.standardwebhooks.com), with Ed25519: the header webhook-signature holds v1a.
//
// What is to be sent stands in the records before, put there by the transaction that gave the notice its place. Any
// number of replicas may run a Worker; what was being sent when one was killed is sent by the next: once or more, never
// not. Receivers tell what came twice by its webhook-id.
//
// A receiver is a stranger. It is spoken to over TLS alone, at public addresses alone, checked when the connection is
// made; it is not followed anywhere, and nothing that it answers is kept but the status.
package webhook
