// SPDX-License-Identifier: EUPL-1.2

package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/view"
)

type openSupportInput struct {
	ID   rivage.ID `path:"id" minLength:"1" maxLength:"64"`
	Body struct {
		Company rivage.ID      `json:"company" minLength:"1" maxLength:"40" doc:"that sends the person"`
		Country rivage.Country `json:"country" minLength:"2" maxLength:"2" doc:"where the person sits"`
		Hours   int            `json:"hours" minimum:"1" maximum:"8"`
	}
}

// confirmSupportInput is what who confirms saw.
type confirmSupportInput struct {
	ID   rivage.ID `path:"id" minLength:"1" maxLength:"64"`
	Body struct {
		Company rivage.ID      `json:"company" minLength:"1" maxLength:"40"`
		Country rivage.Country `json:"country" minLength:"2" maxLength:"2"`
		Until   time.Time      `json:"until"`
	}
}

func (s *Server) supportRoutes(api huma.API) {
	add(s, api, route{
		method: "GET", path: "/api/connections", id: "connections", summary: "Who is connected where, and what passed and was refused within a day",
		roles: settingReaders,
	}, func(ctx context.Context, _ *nothing) (*output[view.Connections], error) {
		c, err := s.c.View.Connections(ctx, userOf(ctx))
		return &output[view.Connections]{c}, err
	})
	add(s, api, route{
		method: "POST", path: "/api/supports/{id}", id: "openSupport", summary: "Open an access of support, for another person to confirm",
		roles: settingReaders, status: http.StatusNoContent,
	}, func(ctx context.Context, in *openSupportInput) (*nothing, error) {
		now := s.c.Clock.Now().UTC().Truncate(time.Second)
		return nil, s.whole(ctx, func() error {
			return s.c.Settings.OpenSupport(ctx, sessionOf(ctx), in.ID, rivage.Support{
				Company: in.Body.Company, Country: in.Body.Country, From: now, Until: now.Add(time.Duration(in.Body.Hours) * time.Hour),
			})
		})
	})
	add(s, api, route{
		method: "POST", path: "/api/supports/{id}/confirm", id: "confirmSupport", summary: "Confirm an access of support that another person opened",
		roles: settingReaders, status: http.StatusNoContent,
	}, func(ctx context.Context, in *confirmSupportInput) (*nothing, error) {
		return nil, s.whole(ctx, func() error {
			return s.c.Settings.ConfirmSupport(ctx, sessionOf(ctx), in.ID, rivage.Support{Company: in.Body.Company, Country: in.Body.Country, Until: in.Body.Until})
		})
	})
	add(s, api, route{
		method: "DELETE", path: "/api/supports/{id}", id: "closeSupport", summary: "Close an access of support and end its sessions",
		roles: settingReaders, status: http.StatusNoContent,
	}, func(ctx context.Context, in *idInput) (*nothing, error) {
		return nil, s.whole(ctx, func() error {
			if err := s.c.Settings.CloseSupport(ctx, sessionOf(ctx), in.ID); err != nil {
				return err
			}
			return s.c.Access.RevokeAll(ctx, sessionOf(ctx).Account, in.ID)
		})
	})
}

// whole does what only a role over the whole organisation may.
func (s *Server) whole(ctx context.Context, do func() error) error {
	if !covers(sessionOf(ctx), rivage.Organisation, settingReaders...) {
		return problem(http.StatusForbidden, codeRole)
	}
	return do()
}
