// Package traces tells how long the steps of a request take, in the words of OpenTelemetry: a span for a request, and
// inside it spans for what it waits for. What is sampled goes to a collector over OTLP/HTTP.
//
// A span cannot hold what is confidential: its name is one of those below, and what is noted of it is made by the
// functions of this package alone, which take numbers, patterns of routes, codes of problems and identifiers, and leave
// out whatever has another shape. Errors are noted as such, never by their text.
//
// Nothing waits for the collector. Spans that it does not take in time are dropped, and counted.
package traces
