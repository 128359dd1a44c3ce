// SPDX-License-Identifier: EUPL-1.2

package api

import (
	"context"

	"github.com/danielgtaylor/huma/v2"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/access"
	"rivage.example/rivage/engine/view"
)

// ConsequenceList is what another profile would change.
type ConsequenceList struct {
	Consequences []view.Consequence `json:"consequences" nullable:"false"`
}

// PackList is the rule packs.
type PackList struct {
	Packs []view.Pack `json:"packs" nullable:"false"`
}

func (s *Server) lawRoutes(api huma.API) {
	add(s, api, route{
		method: "POST", path: "/api/contradictions/{account}", id: "noteContradiction", summary: "Take note of a contradicted place",
		roles: []string{access.RoleSupervisor, access.RoleDPO}, status: 204,
	}, func(ctx context.Context, in *struct {
		Account rivage.ID `path:"account" minLength:"1" maxLength:"64"`
		Body    struct {
			Seq rivage.Seq `json:"seq" doc:"as it was shown"`
		}
	}) (*nothing, error) {
		return nil, s.c.View.NoteContradiction(ctx, userOf(ctx), in.Account, in.Body.Seq)
	})
	add(s, api, route{
		method: "POST", path: "/api/unusual/{account}/{what}", id: "noteUnusual", summary: "Take note of an unusual access",
		roles: []string{access.RoleSupervisor, access.RoleDPO}, status: 204,
	}, func(ctx context.Context, in *struct {
		Account rivage.ID      `path:"account" minLength:"1" maxLength:"64"`
		What    rivage.Unusual `path:"what" enum:"persons,hours,place"`
		Body    struct {
			Seq rivage.Seq `json:"seq" doc:"as it was shown"`
		}
	}) (*nothing, error) {
		return nil, s.c.View.NoteUnusual(ctx, userOf(ctx), in.Account, in.What, in.Body.Seq)
	})
	add(s, api, route{
		method: "GET", path: "/api/frame", id: "frame", summary: "The profile in force, and what is about to change",
	}, func(ctx context.Context, _ *nothing) (*output[view.Frame], error) {
		f, err := s.c.View.Frame(ctx, userOf(ctx))
		return &output[view.Frame]{f}, err
	})
	add(s, api, route{
		method: "GET", path: "/api/frame/consequences", id: "consequences", summary: "What another profile would change",
		roles: settingReaders,
	}, func(ctx context.Context, in *struct {
		Profile rivage.Profile `query:"profile" required:"true" enum:"souverain,encadre"`
	}) (*output[ConsequenceList], error) {
		c, err := s.c.View.Consequences(ctx, userOf(ctx), in.Profile)
		return &output[ConsequenceList]{ConsequenceList{c}}, err
	})
	add(s, api, route{
		method: "GET", path: "/api/openings", id: "openings", summary: "The dossiers of sites to be opened, and what they lack",
		roles: settingReaders,
	}, func(ctx context.Context, _ *nothing) (*output[view.Openings], error) {
		o, err := s.c.View.Openings(ctx, userOf(ctx))
		return &output[view.Openings]{o}, err
	})
	add(s, api, route{
		method: "GET", path: "/api/packs", id: "packs", summary: "The rule packs: dated law, with its reference and how it is known",
		roles: settingReaders,
	}, func(ctx context.Context, _ *nothing) (*output[PackList], error) {
		p, err := s.c.View.Packs(ctx, userOf(ctx))
		return &output[PackList]{PackList{p}}, err
	})
	add(s, api, route{
		method: "GET", path: "/api/law/{principal}", id: "law", summary: "The total table above a Principal's rules",
		roles: settingReaders,
	}, func(ctx context.Context, in *struct {
		Principal rivage.ID `path:"principal" minLength:"1" maxLength:"64"`
	}) (*output[view.Law], error) {
		l, err := s.c.View.Law(ctx, userOf(ctx), in.Principal)
		return &output[view.Law]{l}, err
	})
}
