package rest

import (
	"github.com/gin-gonic/gin"

	"chancery.example/gateway/pkg/tus"
	"chancery.example/gateway/pkg/web"
)

// spoken makes an endpoint of two: one for those who speak tus 1.0, by their header, and the other for everybody else.
func spoken(f func(c *gin.Context) error, otherwise endpoint) endpoint {
	out := otherwise
	out.run = func(c *gin.Context) error {
		if tus.Spoken(c.Request) {
			return f(c)
		}
		return otherwise.run(c)
	}
	return out
}

// stagedPath is where a staged file stands, whole or not.
func stagedPath(id string) string { return Base + "/staged/" + id }

// beginArrival answers POST /staged in tus 1.0.
func (a *API) beginArrival(c *gin.Context) error {
	up, err := tus.Declared(c)
	if err != nil {
		return err
	}
	actor, err := repeatable(c, web.ActorOf(c), up)
	if err != nil {
		return err
	}
	return tus.Begin(c, a.gateway, actor, up, stagedPath)
}

// stagedHead answers HEAD /staged/{id}: in tus 1.0 how much has come, else what GET would send.
func (a *API) stagedHead(c *gin.Context) error {
	if tus.Spoken(c.Request) {
		return tus.Tell(c, a.gateway, web.ActorOf(c), c.Param("id"))
	}
	return handle(a.getStaged).run(c)
}

// takePart answers PATCH /staged/{id}.
func (a *API) takePart(c *gin.Context) error {
	return tus.Take(c, a.gateway, web.ActorOf(c), c.Param("id"))
}

// endArrival answers DELETE /staged/{id} in tus 1.0.
func (a *API) endArrival(c *gin.Context) error {
	return tus.End(c, a.gateway, web.ActorOf(c), c.Param("id"))
}

// tellTus answers OPTIONS /staged.
func (a *API) tellTus(c *gin.Context) error {
	tus.Options(c)
	return nil
}
