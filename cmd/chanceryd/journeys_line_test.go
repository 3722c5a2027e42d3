package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/client"
	"chancery.example/gateway/pkg/devstack/devtest"
)

// overAWire is a browser that reaches a demo by a line that can be taken away, under the demo's own address.
func overAWire(t *testing.T, p *playing) (context.Context, *devtest.Wire) {
	t.Helper()
	host := strings.TrimPrefix(p.BaseURL, "http://")
	wire := devtest.NewWire(t, host)
	return chromium(t, chromedp.Flag("host-resolver-rules", "MAP "+host+" "+wire.Address)), wire
}

// chooses marks a file that lies on the disk, and chooses it.
func (s *sight) chooses(path, language string) {
	s.t.Helper()
	s.at("/documents/new?lang=" + language)
	s.see(`.dropzone`)
	s.press(`input[name=marking][value=restricted]`, "")
	s.upload(`#content`, path)
}

// marked tells which marking is chosen, and which file.
func (s *sight) marked() string {
	s.t.Helper()
	said, err := chromedp.Run(s.ctx, chromedp.Evaluate[string](`document.querySelector("input[name=marking]:checked").value
		+ " " + document.querySelector("#content").files[0].name`))
	s.must("what was chosen", err)
	return said
}

// The line is taken away in the middle of a file, and given back: the page says so in the reader's language, holds what
// was chosen, goes on by itself where it was, and what is deposited is the file.
func TestJourneyAFileGoesOnWhenTheLineIsBack(t *testing.T) {
	t.Parallel()
	p := play(t, t.TempDir())
	browser, wire := overAWire(t, p)
	for language, says := range map[string]string{"en": "The line broke; it goes on by itself",
		"fr": "La connexion s’est interrompue ; l’envoi reprendra de lui-même"} {
		t.Run(language, func(t *testing.T) {
			text := strings.Repeat("A line of "+language+" that is taken away and given back.\n", 300_000) // 14 MB
			path := filepath.Join(t.TempDir(), "large "+language+".txt")
			write(t, path, text)
			staff := person(t, browser, p.BaseURL, true)
			staff.breaks = true
			staff.signIn("wco", "staff.wco")
			staff.chooses(path, language)
			wire.TakeAfter(6 << 20)
			staff.press(`form[enctype] button.btn`, `.sending li`)
			staff.says(says)
			if !wire.Away() {
				t.Error("the page says so while the line is there")
			}
			if got := staff.marked(); got != "restricted "+filepath.Base(path) {
				t.Errorf("of what was chosen there stands %q", got)
			}
			staff.fits("stage-broken-" + language)
			wire.Give()
			staff.see(`.staged form`)
			staff.says(filepath.Base(path))
			title := "Over a line, " + language
			staff.declares(title)
			staff.sendsAgain(wire, `.staged form button.btn`)
			staff.see(`.done`)
			staff.says(title)
			p.is(t, strings.TrimPrefix(staff.path(), "/documents/"), text)
		})
	}
}

// sendsAgain sends a form over a line that is away, and again, as the browser's own page offers, when it is back.
func (s *sight) sendsAgain(wire *devtest.Wire, button string) {
	s.t.Helper()
	wire.Take()
	ctx, stop := s.within()
	defer stop()
	s.must("send", chromedp.Do(ctx, chromedp.Click(chromedp.CSS(button))))
	devtest.Eventually(s.t, "the browser says that there is no line", func() bool {
		where, err := chromedp.Run(s.ctx, chromedp.Evaluate[string](`document.documentURI`))
		return err == nil && strings.HasPrefix(where, "chrome-error:")
	})
	wire.Give()
	s.must("send again", chromedp.Do(ctx, chromedp.Reload()))
}

// deposits declares the rest of a staged file, and deposits it.
func (s *sight) deposits(title string) {
	s.t.Helper()
	s.declares(title)
	s.press(`.staged form button.btn`, `.done`)
}

func (s *sight) declares(title string) {
	s.t.Helper()
	s.write(`#title`, title)
	s.write(`#purpose_statement`, "For the desk")
	s.press(`input[name=purposes][value="art2.e"]`, "")
	s.press(`input[name=personal_data][value=no]`, "")
	s.press(`input[name=entities][value=none]`, "")
	s.press(`input[name=derived][value=no]`, "")
}

// is wants the content of a document to be that text.
func (p *playing) is(t *testing.T, document, text string) {
	t.Helper()
	c, err := client.New(client.Config{Server: p.BaseURL, Token: func(context.Context) (string, error) {
		return p.token(t, "staff.wco"), nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	purpose, why, form := api.PurposeCode("art2.e"), "To compare", api.Original
	permit, err := c.Disclose(t.Context(), document, api.Reading{Purpose: &purpose, Statement: &why, Form: &form})
	if err != nil {
		t.Fatal(err)
	}
	sum, want := sha256.New(), sha256.Sum256([]byte(text))
	n, err := c.Download(t.Context(), string(permit.Id), sum)
	if err != nil || !bytes.Equal(sum.Sum(nil), want[:]) {
		t.Errorf("%d bytes of %d, SHA-256 %s, %v", n, len(text), hex.EncodeToString(sum.Sum(nil)), err)
	}
}

// A file that is changed while the line is away is not gone on with: nobody deposits a mix of two.
func TestJourneyAFileThatChangedWhileTheLineWasAwayIsNoMix(t *testing.T) {
	t.Parallel()
	p := play(t, t.TempDir())
	browser, wire := overAWire(t, p)
	path := filepath.Join(t.TempDir(), "changes.txt")
	write(t, path, strings.Repeat("The first of two texts, in a file.\n", 300_000))
	staff := person(t, browser, p.BaseURL, true)
	staff.breaks = true
	staff.signIn("wco", "staff.wco")
	staff.chooses(path, "en")
	wire.TakeAfter(4 << 20)
	staff.press(`form[enctype] button.btn`, `.sending li`)
	staff.says("The line broke")
	write(t, path, strings.Repeat("Another text, of the same length..\n", 300_000))
	wire.Give()
	staff.see(`.sending .failed`)
	staff.says("nothing of it was kept")
	devtest.Eventually(t, "nothing is left of it", func() bool {
		var left api.StagedPage
		p.get(t, "staff.wco", "/staged", &left)
		return len(left.Items) == 0
	})
}

// A line that is away from the beginning is waited for too, and somebody who cancels does not wait for it.
func TestJourneyAFileIsBegunWhenTheLineIsThere(t *testing.T) {
	t.Parallel()
	p := play(t, t.TempDir())
	browser, wire := overAWire(t, p)
	path := filepath.Join(t.TempDir(), "later.txt")
	write(t, path, "Sent later.\n")
	staff := person(t, browser, p.BaseURL, true)
	staff.breaks = true
	staff.signIn("wco", "staff.wco")
	staff.chooses(path, "en")
	wire.Take()
	staff.press(`form[enctype] button.btn`, `.sending li`)
	staff.says("The line broke")
	staff.press(`.sending button:nth-of-type(2)`, `.sending .failed`)
	staff.says("Cancelled")
	staff.upload(`#content`, path)
	staff.press(`form[enctype] button.btn`, `.sending li:nth-child(2)`)
	staff.says("The line broke")
	wire.Give()
	staff.see(`.staged form`)
	staff.deposits("Later")
	p.is(t, strings.TrimPrefix(staff.path(), "/documents/"), "Sent later.\n")
}
