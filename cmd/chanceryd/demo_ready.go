//go:build !nodemo

package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"chancery.example/gateway/pkg/rest"
)

func awaitReady(ctx context.Context, admin string) error {
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, admin+"/readyz?all", nil)
		if err != nil {
			return err
		}
		resp, err := http.DefaultClient.Do(req)
		if err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the gateway is not ready: %w", ctx.Err())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// demoFile is demo.json: it stands there while the demo is ready, and after SIGKILL until the next start.
type demoFile struct {
	BaseURL       string             `json:"base_url"`
	AdminURL      string             `json:"admin_url"`
	MailURL       string             `json:"mail_url"` // the page that shows what was sent
	Issuers       map[string]string  `json:"issuers"`
	Organisations []demoOrganisation `json:"organisations"`
	People        []demoPerson       `json:"people"`
}

type demoOrganisation struct {
	ID    string `json:"id"`
	Short string `json:"short"`
}

type demoPerson struct {
	ID           string   `json:"id"`
	Person       string   `json:"person"`
	Organisation string   `json:"organisation"`
	Roles        []string `json:"roles"`

	name, short string
}

// unready takes demo.json away.
func (d *demo) unready() error {
	if err := os.Remove(d.path(demoReady)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func (d *demo) announce(ready demoFile) {
	w := d.env.stdout
	fmt.Fprintf(w, "\nChancery demo: the WCO-UNOCT Arrangement, on this machine alone.\n\n")
	table := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	fmt.Fprintf(table, "  open in a browser\t%s\n  API\t%s\n  health\t%s/readyz?all&verbose\n", ready.BaseURL,
		ready.BaseURL+rest.Base, ready.AdminURL)
	fmt.Fprintf(table, "  mail that was sent\t%s\n  data\t%s\n", ready.MailURL, d.dir)
	if d.clock != nil {
		fmt.Fprintf(table, "  the rules' clock\t%s\n", d.clock(time.Now()).UTC().Format(time.RFC3339))
	}
	fmt.Fprintf(table, "\n  PERSON\tORGANISATION\tROLES\tNAME\n")
	for _, p := range ready.People {
		fmt.Fprintf(table, "  %s\t%s\t%s\t%s\n", p.ID, p.short, strings.Join(p.Roles, ", "), p.name)
	}
	table.Flush()
	fmt.Fprintf(w, "\nConsents without evidence are admitted here (evidence \"none\"); a real gateway refuses them.\n")
	fmt.Fprintf(w, "A token for curl:  %s demo token staff.wco%s\nCtrl-C ends everything.\n", os.Args[0], d.dataFlag())
}

// dataFlag is what other commands need to find this demo.
func (d *demo) dataFlag() string {
	if usual, err := filepath.Abs(filepath.Join("data", "demo")); err == nil && usual == d.dir {
		return ""
	}
	return " --data " + d.dir
}
