package rest

import (
	"strings"

	"github.com/gin-gonic/gin"

	"chancery.example/gateway/pkg/web"
)

// Mirror is where witnesses and mirrors find the log, as C2SP tlog-tiles lays it out, where Config.Mirror opens it: the
// checkpoint and the tiles, without a token. Bodies stand nowhere in it.
const Mirror = "/log-mirror"

// mirror answers GET /log-mirror/checkpoint and /log-mirror/tile/….
func (a *API) mirror(c *gin.Context) error {
	path := strings.TrimPrefix(c.Param("path"), "/")
	if path == "checkpoint" {
		signed, err := a.gateway.MirrorCheckpoint(c.Request.Context())
		if err != nil {
			return err
		}
		return web.Answer{Bytes: signed, Type: "text/plain; charset=utf-8"}.Write(c)
	}
	tile, err := a.gateway.MirrorTile(c.Request.Context(), path)
	if err != nil {
		return err
	}
	return web.Answer{Bytes: tile, Type: "application/octet-stream"}.Write(c)
}
