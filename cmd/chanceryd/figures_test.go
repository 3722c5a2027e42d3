package main

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Every figure that an alert, the dashboard or docs/operating.md speaks of is one that a gateway gives, and every one
// of its own stands in docs/operating.md.
func TestAlertsAndTheDashboardAskForFiguresThatAreGiven(t *testing.T) {
	p := look(t)
	answer, err := http.Get(p.AdminURL + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	given := map[string]bool{ // where it serves TLS, and where it tells a collector; the demo does neither
		"chancery_certificate_expires_seconds": true,
		"chancery_spans_sent_total":            true,
		"chancery_spans_dropped_total":         true,
	}
	figure := regexp.MustCompile(`(?m)^# TYPE (chancery_[a-z_]+) `)
	for _, found := range figure.FindAllStringSubmatch(string(text), -1) {
		given[found[1]] = true
	}
	if len(given) < 20 {
		t.Fatalf("%d figures: %s", len(given), text)
	}
	name := regexp.MustCompile(`chancery_[a-z_]+[a-z]`)
	asked := map[string]string{}
	for _, file := range []string{"../../deploy/prometheus/chancery.rules.yaml", "../../deploy/grafana/chancery.json",
		"../../docs/operating.md"} {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range name.FindAllString(string(content), -1) {
			asked[strings.TrimSuffix(one, "_bucket")] = file
		}
	}
	roles := []string{"chancery_app", "chancery_sequencer", "chancery_auditor", "chancery_owner",
		"chancery_backup"}
	for one, file := range asked {
		if !given[one] && !slices.Contains(roles, one) {
			t.Errorf("%s: nothing is called %s", file, one)
		}
	}
	page, err := os.ReadFile("../../docs/operating.md")
	if err != nil {
		t.Fatal(err)
	}
	for one := range given {
		if !strings.Contains(string(page), "`"+one) {
			t.Errorf("docs/operating.md does not say what %s is", one)
		}
	}
	var dashboard struct{ Panels []struct{ Title string } }
	content, err := os.ReadFile("../../deploy/grafana/chancery.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(content, &dashboard); err != nil || len(dashboard.Panels) < 15 {
		t.Errorf("the dashboard has %d panels, %v", len(dashboard.Panels), err)
	}
}
