package api_test

import (
	"os"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"chancery.example/gateway/api"
)

// A comma in a flow mapping ends a description that is not quoted; what is behind it becomes a member without a value,
// and readers see half a sentence.
func TestNoDescriptionIsCutOff(t *testing.T) {
	var all any
	if err := yaml.Unmarshal(api.Contract, &all); err != nil {
		t.Fatal(err)
	}
	read := 0
	var look func(at string, value any)
	look = func(at string, value any) {
		switch value := value.(type) {
		case map[string]any:
			for name, member := range value {
				if member == nil {
					t.Errorf("%s: %q has no value", at, name)
				}
				if text, isText := member.(string); isText && name == "description" {
					read++
					if text = strings.TrimSpace(text); !strings.HasSuffix(text, ".") {
						t.Errorf("%s: %q ends without a full stop", at, text)
					}
				}
				look(at+"/"+name, member)
			}
		case []any:
			for _, member := range value {
				look(at, member)
			}
		}
	}
	look("", all)
	if read < 500 {
		t.Errorf("%d descriptions were read", read)
	}
}

// The generated types stay what somebody can look through: the server and the client that are generated with them
// elsewhere are none of ours.
func TestTheGeneratedCodeIsTypesAndBelowSixThousandLines(t *testing.T) {
	text, err := os.ReadFile("api.gen.go")
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(text), "\n"); n >= 6000 {
		t.Errorf("%d lines", n)
	}
	for _, other := range []string{`"net/http"`, "ServerInterface", "ClientInterface"} {
		if strings.Contains(string(text), other) {
			t.Errorf("it has %s", other)
		}
	}
}
