// SPDX-License-Identifier: EUPL-1.2

package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/access"
	"rivage.example/rivage/engine/view"
)

// WorkstationProof is how a browser proves the workstation it was registered as. See access.Challenged for the text.
type WorkstationProof struct {
	Workstation rivage.ID `json:"workstation" minLength:"1" maxLength:"64"`
	Challenge   string    `json:"challenge" minLength:"1" maxLength:"200"`
	Signature   []byte    `json:"signature" maxLength:"200" doc:"ECDSA P-256 with SHA-256, r then s, base64"`
}

// from joins a proof to what the request itself says of where it comes from. A nil proof is none.
func (p *WorkstationProof) from(r *http.Request) access.Origin {
	o := fromOf(r)
	if p != nil {
		o.Presented = &access.Presented{Workstation: p.Workstation, Challenge: p.Challenge, Signature: p.Signature, Origin: origin(r)}
	}
	return o
}

// WorkstationChallenge is what a workstation signs, once, within a minute.
type WorkstationChallenge struct {
	Challenge string    `json:"challenge"`
	Session   rivage.ID `json:"session,omitempty" doc:"that it is for; absent for the one that a sign-in makes"`
}

// WorkstationCode registers one browser, once.
type WorkstationCode struct {
	Code      string       `json:"code"`
	ExpiresAt view.Instant `json:"expires_at"`
}

// WorkstationName is what a browser was registered as.
type WorkstationName struct {
	ID   rivage.ID `json:"id"`
	Name string    `json:"name"`
}

type offerStationInput struct {
	Body struct {
		ID    rivage.ID   `json:"id" minLength:"1" maxLength:"40"`
		Name  string      `json:"name" minLength:"1" maxLength:"100"`
		Site  rivage.ID   `json:"site" minLength:"1" maxLength:"64"`
		Until rivage.Date `json:"until" maxLength:"10" doc:"last day"`
	}
}

type enrolStationInput struct {
	Body struct {
		Code string `json:"code" minLength:"1" maxLength:"40"`
		Key  []byte `json:"key" maxLength:"400" doc:"P-256 public key, SubjectPublicKeyInfo, base64"`
	}
}

type proveStationInput struct{ Body WorkstationProof }

func (s *Server) workstationRoutes(api huma.API) {
	add(s, api, route{
		method: "POST", path: "/api/workstations", id: "offerWorkstation", summary: "Make a code that registers a browser",
		roles: administrators,
	}, s.offerWorkstation)
	add(s, api, route{
		method: "POST", path: "/api/workstations/enrolment", id: "enrolWorkstation", summary: "Register this browser", open: true,
	}, func(ctx context.Context, in *enrolStationInput) (*output[WorkstationName], error) {
		if err := s.door.signIn(requestOf(ctx)); err != nil {
			return nil, err
		}
		w, err := s.c.Access.EnrolWorkstation(ctx, in.Body.Code, in.Body.Key)
		return &output[WorkstationName]{WorkstationName{w.ID, w.Name}}, err
	})
	add(s, api, route{
		method: "GET", path: "/api/workstations/challenge", id: "workstationChallenge", summary: "What a workstation signs to sign in", open: true,
	}, func(context.Context, *nothing) (*output[WorkstationChallenge], error) {
		return &output[WorkstationChallenge]{WorkstationChallenge{Challenge: s.c.Access.Challenge("")}}, nil
	})
	add(s, api, route{
		method: "GET", path: "/api/session/workstation", id: "sessionChallenge", summary: "What a workstation signs during a session",
	}, func(ctx context.Context, _ *nothing) (*output[WorkstationChallenge], error) {
		id := sessionOf(ctx).ID
		return &output[WorkstationChallenge]{WorkstationChallenge{s.c.Access.Challenge(id), id}}, nil
	})
	add(s, api, route{
		method: "POST", path: "/api/session/workstation", id: "proveWorkstation", summary: "Prove the workstation again", status: 204,
	}, func(ctx context.Context, in *proveStationInput) (*nothing, error) {
		r := requestOf(ctx)
		return nil, s.c.Access.ProveWorkstation(ctx, sessionToken(r), in.Body.from(r))
	})
}

func (s *Server) offerWorkstation(ctx context.Context, in *offerStationInput) (*output[WorkstationCode], error) {
	if !covers(sessionOf(ctx), rivage.Organisation, administrators...) {
		return nil, problem(http.StatusForbidden, codeRole)
	}
	code, expires, err := s.c.Access.OfferWorkstation(ctx, sessionOf(ctx).Account, rivage.Workstation{
		ID: in.Body.ID, Name: in.Body.Name, Site: in.Body.Site, Until: in.Body.Until,
	})
	return &output[WorkstationCode]{WorkstationCode{code, instantOf(expires)}}, err
}
