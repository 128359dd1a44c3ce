// SPDX-License-Identifier: EUPL-1.2

package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"strconv"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"rivage.example/rivage"
	"rivage.example/rivage/edge/api/glass"
	"rivage.example/rivage/engine/view"
)

// New makes a Server. Its Handler serves; Run keeps the live channel going.
func New(c Config) (*Server, error) {
	drawer, err := glass.New()
	if err != nil {
		return nil, err
	}
	s := &Server{c: c, mux: http.NewServeMux(), door: newDoor(c.Clock), refused: make(chan string, 256), glass: drawer}
	s.live = newHub(s)
	api := humago.New(s.mux, humaConfig())
	s.sessionRoutes(api)
	s.workstationRoutes(api)
	s.interactionRoutes(api)
	s.legRoutes(api)
	s.settingRoutes(api)
	s.supportRoutes(api)
	s.dpoRoutes(api)
	s.lawRoutes(api)
	s.cardRoutes(api)
	s.personRoutes(api)
	liveSchemas(api.OpenAPI().Components.Schemas)
	delete(api.OpenAPI().Components.Schemas.Map(), "ErrorModel") // huma's own: Problem stands in its place
	delete(api.OpenAPI().Components.Schemas.Map(), "ErrorDetail")
	spec, err := json.MarshalIndent(api.OpenAPI(), "", "  ")
	if err != nil {
		return nil, fmt.Errorf("describe the API: %w", err)
	}
	s.spec = append(spec, '\n')
	s.mux.HandleFunc("GET /api/live", s.serveLive)
	s.mux.HandleFunc("/api/", s.noRoute)
	s.mux.HandleFunc("GET /openapi.json", s.serveSpec)
	s.mux.HandleFunc("GET /checkpoint", s.serveCheckpoint)
	s.mux.HandleFunc("GET /profil.svg", s.serveBadge)
	s.mux.HandleFunc("GET /profil.json", s.serveBadgeData)
	s.mux.HandleFunc("GET /tile/{path...}", s.serveTile)
	return s, s.appRoutes()
}

// humaConfig is without documentation page (it loads scripts from elsewhere), schema links and other formats.
func humaConfig() huma.Config {
	c := huma.DefaultConfig("Rivage", "1")
	c.OpenAPIPath, c.DocsPath, c.SchemasPath = "", "", ""
	c.CreateHooks = nil
	c.Formats = map[string]huma.Format{ // "json" reads the suffix of application/problem+json
		"application/json": huma.DefaultJSONFormat, "json": huma.DefaultJSONFormat,
	}
	c.Transformers = []huma.Transformer{frenchErrors}
	c.RejectUnknownQueryParameters = true
	return c
}

// liveSchemas adds to the document what passes on the live channel.
func liveSchemas(r huma.Registry) {
	for _, t := range []reflect.Type{
		reflect.TypeFor[LiveFirst[view.DeskSnapshot]](), reflect.TypeFor[LiveFirst[view.ControlSnapshot]](),
		reflect.TypeFor[LiveFrame](), reflect.TypeFor[LiveBoard](), reflect.TypeFor[LiveCommand](), reflect.TypeFor[LiveAnswer](),
	} {
		r.Schema(t, true, t.Name())
	}
}

func (s *Server) noRoute(w http.ResponseWriter, _ *http.Request) {
	problem(http.StatusNotFound, string(rivage.NotFound)).write(w)
}

func (s *Server) serveSpec(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-cache")
	_, _ = w.Write(s.spec) // the client is gone: nothing to do
}

// atLeast makes a read wait until the log holds the entry that "at_least" names: a second at most.
func (s *Server) atLeast(r *http.Request) error {
	text := r.Header.Get("Rivage-At-Least")
	if text == "" {
		return nil
	}
	seq, err := strconv.ParseUint(text, 10, 63)
	if err != nil {
		return &rivage.Error{Code: rivage.Invalid, Message: "Rivage-At-Least: want a sequence"}
	}
	if err := s.c.Feed.Reach(r.Context(), seq); err != nil {
		return problem(http.StatusServiceUnavailable, codeBehind)
	}
	return nil
}
