package rest

import (
	"html/template"
	"strings"

	"github.com/gin-gonic/gin"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/web"
)

// public are the addresses that answer without a token: what this is, its contract, and a page about each code.
func (a *API) public(engine *gin.Engine) {
	for path, answer := range map[string]func(*gin.Context) error{
		"/":                    a.index,
		Base:                   a.index,
		Base + "/openapi.yaml": a.contract,
		resourceMetadata:       a.showResource,
		"/problems":            a.problemList,
		"/problems/*code":      a.problemPage,
		Mirror + "/*path":      a.mirror,
	} {
		if path == "/" && a.pages || strings.HasPrefix(path, Mirror) && !a.mirrored {
			continue
		}
		serve := func(c *gin.Context) {
			if err := answer(c); err != nil {
				a.problems.Write(c, err)
			}
		}
		engine.GET(path, serve)
		engine.HEAD(path, serve)
	}
}

// index says what this is and where its contract stands.
func (a *API) index(c *gin.Context) error {
	return web.Answer{Body: map[string]string{
		"name": "Chancery", "api": Base, "contract": Base + "/openapi.yaml", "problems": "/problems",
	}}.Write(c)
}

func (a *API) contract(c *gin.Context) error {
	return web.Answer{Bytes: api.Contract, Type: "application/yaml"}.Write(c)
}

// problemList answers /problems: every code there is.
func (a *API) problemList(c *gin.Context) error { return page(c, listPage, a.told(c, meanings())) }

// problemPage answers the type of a problem.
func (a *API) problemPage(c *gin.Context) error {
	found, known := meaningOf(strings.TrimPrefix(c.Param("code"), "/"))
	if !known {
		return web.Fail(web.KindNotFound, nil)
	}
	return page(c, codePage, a.told(c, []meaning{found})[0])
}

// told is a meaning in the language of whoever reads.
type told struct {
	Code, Title, Detail, Paragraph, Basis string
	Status                                int
}

func (a *API) told(c *gin.Context, all []meaning) []told {
	in := web.Preferred(c.GetHeader("Accept-Language"))
	out := make([]told, len(all))
	for i, m := range all {
		out[i] = told{Code: m.code, Title: m.english, Status: m.status}
		if in == web.French {
			out[i].Title = m.french
		}
		if entry, known := article4.Lookup(article4.Code(m.code)); known {
			out[i].Detail, out[i].Paragraph, out[i].Basis = wordsIn(entry, in).Detail, entry.Paragraph, entry.Basis
		}
	}
	return out
}

var (
	codePage = template.Must(template.New("code").Parse(`<!doctype html><meta charset="utf-8"><title>{{.Code}}</title>
<h1>{{.Title}}</h1>
<p><code>{{.Code}}</code>, answered with {{.Status}}.{{with .Paragraph}} Paragraph {{.}}.{{end}}{{with .Basis}} Basis: {{.}}.{{end}}</p>
{{with .Detail}}<p>{{.}}</p>{{end}}
<p><a href="/problems">All codes</a></p>
`))
	listPage = template.Must(template.New("codes").Parse(`<!doctype html><meta charset="utf-8"><title>Codes</title>
<h1>Codes</h1>
<table>{{range .}}
<tr><td><a href="/problems/{{.Code}}">{{.Code}}</a></td><td>{{.Status}}</td><td>{{.Title}}</td></tr>{{end}}
</table>
`))
)

func page(c *gin.Context, with *template.Template, of any) error {
	var text strings.Builder
	if err := with.Execute(&text, of); err != nil {
		return err
	}
	return web.Answer{Bytes: []byte(text.String()), Type: "text/html; charset=utf-8"}.Write(c)
}
