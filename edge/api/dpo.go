// SPDX-License-Identifier: EUPL-1.2

package api

import (
	"context"

	"github.com/danielgtaylor/huma/v2"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/access"
	"rivage.example/rivage/engine/view"
)

// PersonList is the persons found.
type PersonList struct {
	Persons []view.Person `json:"persons" nullable:"false"`
	More    bool          `json:"more,omitempty" doc:"there are others: erase some of these, then look again"`
}

// Erased is how many subjects lost their keys.
type Erased struct {
	Subjects int `json:"subjects"`
}

type eraseInput struct {
	ID   rivage.ID `path:"id" minLength:"1" maxLength:"64"`
	Body struct {
		Confirm bool `json:"confirm"`
	}
}

func (s *Server) dpoRoutes(api huma.API) {
	dpo := []string{access.RoleDPO}
	add(s, api, route{
		method: "GET", path: "/api/persons", id: "persons", summary: "Find persons by telephone number", roles: dpo,
	}, func(ctx context.Context, in *struct {
		Tel string `query:"tel" required:"true" minLength:"3" maxLength:"40"`
	}) (*output[PersonList], error) {
		found, more, err := s.c.View.Persons(ctx, userOf(ctx), rivage.ParsePhone(in.Tel))
		return &output[PersonList]{PersonList{found, more}}, err
	})
	add(s, api, route{
		method: "POST", path: "/api/persons/{id}/erase", id: "erase", summary: "Erase a person", roles: dpo,
	}, func(ctx context.Context, in *eraseInput) (*output[Erased], error) {
		if !in.Body.Confirm {
			return nil, &rivage.Error{Code: rivage.Invalid, Message: "confirm must be true: keys cannot come back"}
		}
		n, err := s.c.View.Erase(ctx, userOf(ctx), in.ID)
		return &output[Erased]{Erased{n}}, err
	})
	add(s, api, route{
		method: "GET", path: "/api/journal", id: "journal", summary: "Head of the log", roles: dpo,
	}, func(ctx context.Context, _ *nothing) (*output[JournalState], error) {
		j, err := s.c.Ledger.State(ctx)
		return &output[JournalState]{j}, err
	})
	add(s, api, route{
		method: "GET", path: "/api/rules/{principal}/matrix", id: "matrix", summary: "Every answer of the rules",
		roles: settingReaders,
	}, func(ctx context.Context, in *struct {
		Principal rivage.ID `path:"principal" minLength:"1" maxLength:"64"`
	}) (*output[view.Matrix], error) {
		m, err := s.c.View.Matrix(ctx, userOf(ctx), in.Principal)
		return &output[view.Matrix]{m}, err
	})
}
