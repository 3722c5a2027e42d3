package main

import (
	"bytes"
	"strings"
	"testing"

	"chancery.example/gateway/deploy"
	"chancery.example/gateway/pkg/instrument"
)

// shipped are the files as an operator gets them, with these changes.
func shipped(t *testing.T, changes ...string) setting {
	t.Helper()
	change := strings.NewReplacer(changes...)
	path := goodConfig(t, func(text string) string {
		return strings.Replace(change.Replace(text), "samples: true", "samples: false", 1)
	})
	cfg, found := load(path, nil)
	if len(found) > 0 {
		t.Fatal(found)
	}
	in, err := instrument.Read(bytes.NewReader([]byte(change.Replace(string(deploy.Arrangement)))))
	if err != nil {
		t.Fatal(err)
	}
	return setting{config: cfg, instrument: in}
}

func TestTheShippedFilesAreNotServedUntilTheirSamplesAreReplaced(t *testing.T) {
	found := checkSamples(shipped(t))
	var said strings.Builder
	report(&said, found)
	for _, want := range []string{"public_url: chancery.example.int", "store.endpoint: ", "issuers[0].url: ",
		"issuers[4].audience: ", "keys.log_name: ", "mail.host: ", "mail.from: ", "arrangement: parties[0].issuer: ",
		"parties[0].focal_point: focal.wco", "parties[1].delegations[1]: deputy.unoct", "legal.wco is a person",
		"cabinet.unoct is a person", "parties[0].delegations[0].instrument_sha256", "third_parties[0]: Passenger",
		"third_parties[1].mandates[0]: focal.customs", "third_parties[1].mandates[0].instrument_sha256",
		"operator.issuer"} {
		if !strings.Contains(said.String(), want) {
			t.Errorf("%q is not told", want)
		}
	}
	if n := strings.Count(said.String(), "cure: "); n != 1 {
		t.Errorf("one cure for all of them is told %d times", n)
	}
	for _, f := range found {
		if !f.stops() || f.Cure == "" {
			t.Errorf("%+v", f)
		}
	}
	path := goodConfig(t, func(text string) string {
		return strings.Replace(text, "samples: true", "samples: false", 1)
	})
	if code, _, errs := ran(t, nil, "serve", "--config", path); code != 1 ||
		!strings.Contains(errs, "problem    public_url: chancery.example.int is an address of the examples") {
		t.Errorf("serve: exit %d\n%s", code, errs)
	}
}

// Each kind of sample alone is enough: who edits the addresses only has not looked at the people.
func TestEachSampleThatWasLeftIsTold(t *testing.T) {
	real := []string{".example.int", ".ctexchange.int", "example.org", "wcoomd.org", "Exampleland", "Freedonia",
		"exampleland", "freedonia", "focal.", "f-", "deputy.", "d-", "legal.", "l-", "cabinet.", "c-",
		"e84a9bda", "00000000", "bd293c7b", "00000001", "18ef1c33", "00000002", "ae363ed2", "00000003", "55db961c",
		"00000004", "632fb771", "00000005"}
	if found := checkSamples(shipped(t, real...)); len(found) != 0 {
		t.Fatalf("nothing of the examples is left, and still: %v", found)
	}
	for i := 0; i < len(real); i += 2 {
		all := append(append([]string{}, real[:i]...), real[i+2:]...)
		if found := checkSamples(shipped(t, all...)); len(found) == 0 {
			t.Errorf("%q was left, and nothing is said", real[i])
		}
	}
}

// The demo lives of the samples, and a name is nobody's alone.
func TestAPersonOfTheSameNameIsNoSample(t *testing.T) {
	in := instrument.Instrument{Parties: []instrument.Party{{Issuer: "https://id.wcoomd.org",
		Delegations: []instrument.Delegation{{Subject: "8f2c", Name: "Fiona Carter"}}}}}
	if found := sampleRecords(in); len(found) != 0 {
		t.Errorf("%v", found)
	}
	if isSampleHost("counterexample.int") || isSampleHost("example.int.un.org") || !isSampleHost("A.Example.INT.") {
		t.Error("the hosts of the examples are told by whole labels")
	}
}
