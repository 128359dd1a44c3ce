// SPDX-License-Identifier: EUPL-1.2

package api

import (
	"context"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/access"
	"rivage.example/rivage/engine/view"
)

// SeenCard says which state of the card somebody was shown who writes on it. Its name is public for huma, which reads the
// fields of no other.
type SeenCard struct {
	ID      rivage.ID `path:"id" minLength:"1" maxLength:"64"`
	IfMatch string    `header:"If-Match" maxLength:"64" doc:"quoted version of the card that was shown"`
}

// seen reads If-Match, RFC 9110 section 13.1.1.
func (in *SeenCard) seen() (view.CardVersion, error) {
	if in.IfMatch == "" {
		return "", problem(http.StatusPreconditionRequired, codePrecondition)
	}
	return view.CardVersion(strings.Trim(in.IfMatch, `"`)), nil
}

type changeInput struct {
	SeenCard
	Body struct {
		Changes []view.PersonChange `json:"changes" minItems:"1" maxItems:"50" nullable:"false"`
	}
}

type searchInput struct {
	ID   rivage.ID `path:"id" minLength:"1" maxLength:"64"`
	Body struct {
		Text string `json:"text" maxLength:"254" doc:"a number, an e-mail address or words of a name; empty for the caller's number"`
	}
}

type mergeInput struct {
	SeenCard
	Body struct {
		Person  rivage.ID `json:"person" minLength:"1" maxLength:"64"`
		Confirm bool      `json:"confirm"`
	}
}

type organisationInput struct {
	SeenCard
	Body struct {
		SIREN string `json:"siren" maxLength:"20" doc:"empty: the person belongs to none any more"`
		Name  string `json:"name,omitempty" maxLength:"400" doc:"of one that is not known yet, or its new one"`
	}
}

// errUnconfirmed refuses what somebody has to mean.
var errUnconfirmed = &rivage.Error{Code: rivage.Invalid, Message: "confirm must be true"}

// meant is what was seen by somebody who confirms.
func (in *mergeInput) meant() (view.CardVersion, error) {
	if !in.Body.Confirm {
		return "", errUnconfirmed
	}
	return in.seen()
}

// personRoutes are about the person of an interaction that the agent has in hand: there is no other way to a card.
func (s *Server) personRoutes(api huma.API) {
	agent := []string{access.RoleAgent}
	add(s, api, route{
		method: "POST", path: "/api/interactions/{id}/person", id: "personCard", summary: "Show the person's card", roles: agent,
	}, func(ctx context.Context, in *idInput) (*output[view.PersonCard], error) {
		c, err := s.c.View.PersonCard(ctx, userOf(ctx), in.ID)
		return &output[view.PersonCard]{c}, err
	})
	add(s, api, route{
		method: "PUT", path: "/api/interactions/{id}/person", id: "keepPerson", summary: "Write values on the person's card", roles: agent,
	}, func(ctx context.Context, in *changeInput) (*output[view.PersonCard], error) {
		seen, err := in.seen()
		if err != nil {
			return nil, err
		}
		c, err := s.c.View.KeepPerson(ctx, userOf(ctx), in.ID, seen, in.Body.Changes)
		return &output[view.PersonCard]{c}, err
	})
	add(s, api, route{
		method: "POST", path: "/api/interactions/{id}/person/search", id: "searchPersons", summary: "Look for persons to pick from", roles: agent,
	}, func(ctx context.Context, in *searchInput) (*output[view.PersonsFound], error) {
		f, err := s.c.View.SearchPersons(ctx, userOf(ctx), in.ID, in.Body.Text)
		return &output[view.PersonsFound]{f}, err
	})
	add(s, api, route{
		method: "POST", path: "/api/interactions/{id}/person/merge", id: "mergePerson", summary: "Make one person of two", roles: agent,
	}, func(ctx context.Context, in *mergeInput) (*output[view.PersonCard], error) {
		seen, err := in.meant()
		if err != nil {
			return nil, err
		}
		c, err := s.c.View.MergePerson(ctx, userOf(ctx), in.ID, seen, in.Body.Person)
		return &output[view.PersonCard]{c}, err
	})
	add(s, api, route{
		method: "POST", path: "/api/interactions/{id}/person/undo", id: "undoMerge", summary: "Undo a merge", roles: agent,
	}, func(ctx context.Context, in *mergeInput) (*output[view.PersonCard], error) {
		seen, err := in.meant()
		if err != nil {
			return nil, err
		}
		c, err := s.c.View.UndoMerge(ctx, userOf(ctx), in.ID, seen, in.Body.Person)
		return &output[view.PersonCard]{c}, err
	})
	add(s, api, route{
		method: "PUT", path: "/api/interactions/{id}/person/organisation", id: "setOrganisation", summary: "Set the customer organisation", roles: agent,
	}, func(ctx context.Context, in *organisationInput) (*output[view.PersonCard], error) {
		seen, err := in.seen()
		if err != nil {
			return nil, err
		}
		c, err := s.c.View.SetOrganisation(ctx, userOf(ctx), in.ID, seen, in.Body.SIREN, in.Body.Name)
		return &output[view.PersonCard]{c}, err
	})
}
