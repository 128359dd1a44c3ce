// SPDX-License-Identifier: EUPL-1.2

package api

import (
	"context"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"rivage.example/rivage"
	"rivage.example/rivage/edge/api/glass"
	"rivage.example/rivage/engine/access"
	"rivage.example/rivage/engine/view"
)

// CardSourceList is where records can be looked up.
type CardSourceList struct {
	Sources []view.CardSource `json:"sources" nullable:"false"`
}

type cardInput struct {
	ID   rivage.ID `path:"id" minLength:"1" maxLength:"64"`
	Body struct {
		Source rivage.ID `json:"source" minLength:"1" maxLength:"64"`
		Key    string    `json:"key" minLength:"1" maxLength:"64"`
	}
}

func (s *Server) cardRoutes(api huma.API) {
	add(s, api, route{
		method: "GET", path: "/api/interactions/{id}/cards", id: "cardSources", summary: "Where records about it can be looked up",
		roles: []string{access.RoleAgent},
	}, func(ctx context.Context, in *idInput) (*output[CardSourceList], error) {
		l, err := s.c.View.CardSources(ctx, userOf(ctx), in.ID)
		return &output[CardSourceList]{CardSourceList{l}}, err
	})
	add(s, api, route{
		method: "POST", path: "/api/interactions/{id}/cards", id: "card", summary: "Look a record up",
		roles: []string{access.RoleAgent},
	}, func(ctx context.Context, in *cardInput) (*output[view.Card], error) {
		c, err := s.c.View.Card(ctx, userOf(ctx), in.ID, in.Body.Source, in.Body.Key)
		return &output[view.Card]{c}, err
	})
	add(s, api, route{
		method: "GET", path: "/api/consultation/{token}", id: "pane", summary: "One field for remote viewing, as an image",
		roles: owners, body: "image/png",
	}, s.pane)
}

// pane draws a field that leaves as an image only. Its entry was durable before the page knew of the token.
func (s *Server) pane(ctx context.Context, in *struct {
	Token string `path:"token" minLength:"1" maxLength:"64"`
	Dark  bool   `query:"dark"`
}) (*huma.StreamResponse, error) {
	value, err := s.c.View.Pane(userOf(ctx), in.Token)
	if err != nil {
		return nil, err
	}
	who := sessionOf(ctx)
	png, err := s.glass.Field(value, in.Dark, glass.Mark{
		Agent: who.Login, Session: string(who.ID), Address: addressOf(requestOf(ctx)).String(), At: s.c.Clock.Now(),
	})
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(ctx huma.Context) {
		_, w := humago.Unwrap(ctx)
		w.Header().Set("Content-Type", "image/png")
		w.Header().Set("Cross-Origin-Resource-Policy", "same-origin")
		_, _ = w.Write(png) // a page that is gone asks again
	}}, nil
}
