package portal

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"mime"
	"path"
	"strings"

	"github.com/gin-gonic/gin"

	"chancery.example/gateway/pkg/web"
)

// What make assets built, and what is served as it stands.
//
//go:embed built/*.css built/*.js built/*.svg
var builtFiles embed.FS

// assets are files under names with their digest, which never change.
type assets struct {
	named map[string]string   // "portal.css" → "/assets/portal.0123456789abcdef.css"
	files map[string]web.File // by the last part of that
}

func newAssets() assets {
	a := assets{named: map[string]string{}, files: map[string]web.File{}}
	found, err := fs.Glob(builtFiles, "built/*")
	if err != nil {
		panic(err) // the pattern is well formed
	}
	for _, name := range found {
		content, err := builtFiles.ReadFile(name)
		if err != nil {
			panic(err) // what is embedded can be read
		}
		sum := sha256.Sum256(content)
		base, ext := path.Base(name), path.Ext(name)
		hashed := strings.TrimSuffix(base, ext) + "." + hex.EncodeToString(sum[:8]) + ext
		a.named[base], a.files[hashed] = "/assets/"+hashed, web.NewFile(mime.TypeByExtension(ext), content)
	}
	return a
}

func (a assets) serve(c *gin.Context) {
	file, found := a.files[c.Param("name")]
	if !found {
		c.Status(web.PageMissing)
		c.Writer.WriteHeaderNow()
		return
	}
	web.Asset(c, file)
}
