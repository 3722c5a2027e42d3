package main

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/client"
)

// refused turns a problem of the gateway into an exit code and words; any other fault stays what it is.
func refused(err error) error {
	var p *client.Problem
	if errors.As(err, &p) {
		return refusal(p)
	}
	return err
}

// exitCodes are those of the statuses that have one of their own.
var exitCodes = map[int]int{401: exitSignIn, 403: exitRefused, 404: exitNotFound, 409: exitRefused, 412: exitChanged,
	422: exitRefused}

func refusal(p *client.Problem) error {
	said := printable(p.Title)
	switch {
	case p.Reasons != nil:
		for _, r := range *p.Reasons {
			said += "\n  " + words(r)
		}
		if p.Effect != nil && *p.Effect != "" {
			said += "\n  " + printable(*p.Effect)
		}
	case p.Detail != nil && *p.Detail != "":
		said += ": " + printable(*p.Detail)
	}
	if p.Errors != nil {
		for _, e := range *p.Errors {
			said += "\n  " + printable(e.Field) + ": " + printable(e.Detail)
		}
	}
	if p.Status == 401 {
		said += "\n  sign in: " + signInCommand(p.Challenge)
	}
	if p.LogEntry != nil {
		said += "\n  recorded as " + printable(*p.LogEntry)
	}
	code := exitCodes[p.Status]
	if code == 0 {
		code = exitFailure
	}
	return &failure{code, errors.New(said)}
}

var challengedACR = regexp.MustCompile(`acr_values="([A-Za-z0-9:._/-]+)`)

// signInCommand is how to sign in as a challenge asks for (RFC 9470 3).
func signInCommand(challenge string) string {
	const command = "chancery auth login"
	if !strings.Contains(challenge, "insufficient_user_authentication") {
		return command
	}
	if found := challengedACR.FindStringSubmatch(challenge); found != nil {
		return command + " --acr " + found[1]
	}
	return command
}

// words say of a reason where it is written, what did not happen, who can help, and by which command.
func words(r api.Reason) string {
	where := "Article " + r.Paragraph
	if r.Paragraph == "gateway" {
		where = "safeguard of the gateway"
	}
	said := printable(fmt.Sprintf("%s (%s): %s", r.Code, where, r.Title))
	if r.Detail != nil {
		said += "\n    " + printable(*r.Detail)
	}
	if r.From != nil && *r.From != "" {
		said += "\n    who can help: " + printable(*r.From)
	}
	if r.Remedy != nil {
		said += "\n    " + printable(remedyCommand(*r.Remedy))
	}
	return said
}

// remedies are the commands of what a gateway names as a remedy; $1 is what stands in its address.
var remedies = []struct {
	act     *regexp.Regexp
	command string
}{
	{act(`POST /documents/(\w+)/requests`), "chancery request create $1 --purpose CODE --statement TEXT --until DAY"},
	{act(`POST /documents/(\w+)/disclosures`), "chancery doc pull $1"},
	{act(`POST /documents/(\w+)/marking`), "chancery doc mark $1 --marking MARKING --statement TEXT"},
	{act(`POST /documents/(\w+)/versions`), "chancery doc correct $1 FILE --kind KIND --statement TEXT"},
	{act(`POST /documents/(\w+)/recall`), "chancery doc recall $1 --statement TEXT"},
	{act(`GET /documents/(\w+)`), "chancery doc view $1"},
	{act(`POST /requests/(\w+)/withdrawal`), "chancery request withdraw $1 --statement TEXT"},
	{act(`POST /requests/(\w+)/messages`), "chancery inbox ask $1 TEXT"},
	{act(`(?:GET|POST) /requests/(\w+)(?:/decisions)?`), "chancery inbox view $1"},
	{act(`POST /documents`), "chancery doc push FILE --marking MARKING …, as \"chancery doc push --help\" says"},
	{act(`GET /agreements`), "chancery agreement list"},
	{act(`POST /agreements/(\w+)/signatures`), "chancery agreement sign $1"},
	{act(`GET /me`), "chancery auth status"},
	{act(`GET (/.*)`), "chancery api '$1'"},
	{act(`POST (/.*)`), "chancery api '$1' --input FILE"},
}

func act(pattern string) *regexp.Regexp {
	method, path, _ := strings.Cut(pattern, " ")
	return regexp.MustCompile("^" + method + " " + client.Base + path + "$")
}

func remedyCommand(r api.Remedy) string {
	wanted := r.Method + " " + r.Href
	for _, one := range remedies {
		if at := one.act.FindStringSubmatchIndex(wanted); at != nil && !strings.Contains(wanted, "'") {
			return "try: " + string(one.act.ExpandString(nil, one.command, wanted, at))
		}
	}
	return "see " + wanted
}
