package rest

import (
	"github.com/gin-gonic/gin"

	"chancery.example/gateway/pkg/web"
)

// resourceMetadata is where a client that was answered 401 learns where tokens come from (RFC 9728 3.1).
const resourceMetadata = "/.well-known/oauth-protected-resource" + Base

// resource is what is told of the API before anybody is recognised.
type resource struct {
	Resource      string   `json:"resource"`
	Name          string   `json:"resource_name"`
	Documentation string   `json:"resource_documentation"`
	Servers       []string `json:"authorization_servers"`
	Methods       []string `json:"bearer_methods_supported"`
}

func resourceOf(cfg Config) resource {
	return resource{
		Resource:      cfg.ProblemBase + Base,
		Name:          "Chancery",
		Documentation: cfg.ProblemBase + Base + "/openapi.yaml",
		Servers:       append([]string{}, cfg.AuthorizationServers...),
		Methods:       []string{"header"},
	}
}

func (a *API) showResource(c *gin.Context) error { return web.Answer{Body: a.resource}.Write(c) }
