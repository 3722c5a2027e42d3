package layout_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// What is served holds no demo, and no identity provider that signs anybody in.
func TestWhatIsServedHoldsNoDemo(t *testing.T) {
	list := exec.Command("go", "list", "-deps", "-tags", "nomsgpack,nodemo", "./cmd/...")
	list.Dir = ".."
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	served := strings.Fields(string(out))
	if len(served) < 200 {
		t.Fatalf("%d packages are served", len(served))
	}
	for _, one := range served {
		if strings.Contains(one, "/devstack") || strings.Contains(one, "go-smtp") ||
			strings.HasPrefix(one, "google.golang.org/grpc") { // decision 0390
			t.Errorf("%s is served", one)
		}
	}
	for _, file := range []string{"../Dockerfile", "../Makefile"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(text), "-tags=nomsgpack,nodemo") {
			t.Errorf("%s builds what is served with the demo in it", file)
		}
	}
}

// The chart carries the alerts as they are tested.
func TestTheChartCarriesTheTestedAlerts(t *testing.T) {
	var texts [2][]byte
	for i, file := range []string{"prometheus/chancery.rules.yaml", "helm/chancery/alerts.yaml"} {
		var err error
		if texts[i], err = os.ReadFile(filepath.Join("..", "deploy", file)); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(texts[0], texts[1]) {
		t.Error("deploy/helm/chancery/alerts.yaml is not deploy/prometheus/chancery.rules.yaml: copy it")
	}
}
