package rest_test

import (
	"bytes"
	"image/png"
	"testing"

	"chancery.example/gateway/api"
)

// A reader of UNOCT reads two pages of what was given to be read, and nothing else of it is to be had: three calls to
// begin with, and one a page.
func TestADocumentIsReadPageByPageAndNothingOfItIsHandedOut(t *testing.T) {
	w := newWorld(t)
	doc, _ := w.authorized(sheet)
	d := want[api.Disclosure](t, w.as("staff.unoct", "POST", "/documents/"+doc.Id+"/disclosures",
		`{"purpose":"art2.e","statement":"Preparing","form":"view"}`), 201)
	if d.Form != api.View || d.FormGround.Code != "grant-original" {
		t.Errorf("%+v", d)
	}
	pages := want[api.Pages](t, w.as("staff.unoct", "GET", "/disclosures/"+d.Id+"/pages", ""), 200)
	if pages.Pages != 1 || len(pages.Shown) != 0 {
		t.Errorf("%+v", pages)
	}
	page := w.as("staff.unoct", "GET", "/disclosures/"+d.Id+"/pages/1", "")
	if _, err := png.Decode(bytes.NewReader(page.body)); err != nil || page.Header.Get("Content-Type") != "image/png" ||
		page.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("%d %v: %v", page.StatusCode, page.Header, err)
	}
	pages = want[api.Pages](t, w.as("staff.unoct", "GET", "/disclosures/"+d.Id+"/pages", ""), 200)
	if len(pages.Shown) != 1 {
		t.Errorf("%+v", pages)
	}
	for _, n := range []string{"2", "0", "-1", "x", "99999999999999999999"} {
		refused(t, w.as("staff.unoct", "GET", "/disclosures/"+d.Id+"/pages/"+n, ""), 404, "request/not-found")
	}
	for _, path := range []string{"/content", "/label"} {
		refused(t, w.as("staff.unoct", "GET", "/disclosures/"+d.Id+path, ""), 403, "gateway/form-not-granted")
	}
	if head := w.as("staff.unoct", "HEAD", "/disclosures/"+d.Id+"/content", ""); head.StatusCode != 403 {
		t.Errorf("HEAD: %d", head.StatusCode)
	}
}
