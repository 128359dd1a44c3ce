// SPDX-License-Identifier: EUPL-1.2

package api

import (
	"context"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/access"
	"rivage.example/rivage/engine/floor"
)

// maxSDP bounds a description: Chromium's are under 8 KiB.
const maxSDP = 32 << 10

// LegAnswer is a leg and the description that answers the browser's.
type LegAnswer struct {
	Leg rivage.ID `json:"leg"`
	SDP string    `json:"sdp"`
}

// SDPBody is a browser's description.
type SDPBody struct {
	SDP string `json:"sdp" minLength:"1" maxLength:"32768"`
}

type offerLegInput struct {
	Offer rivage.ID `path:"offer" minLength:"1" maxLength:"64"`
	Body  SDPBody
}

type rejoinInput struct {
	ID   rivage.ID `path:"id" minLength:"1" maxLength:"64"`
	Body SDPBody
}

// DemoNumbers are the numbers that the demo's page can call.
type DemoNumbers struct {
	Numbers []Number `json:"numbers" nullable:"false"`
}

type demoCallInput struct {
	Body struct {
		Number string `json:"number" minLength:"3" maxLength:"20"`
		SDP    string `json:"sdp" minLength:"1" maxLength:"32768"`
	}
}

type demoLegInput struct {
	Leg rivage.ID `path:"leg" minLength:"20" maxLength:"64"`
}

func (s *Server) legRoutes(api huma.API) {
	agent := []string{access.RoleAgent}
	add(s, api, route{
		method: "POST", path: "/api/offers/{offer}/leg", id: "offerLeg", summary: "Connect the desk while it rings",
		roles: agent, maxBody: 2 * maxSDP,
	}, func(ctx context.Context, in *offerLegInput) (*output[LegAnswer], error) {
		leg, err := s.c.View.OfferLeg(ctx, userOf(ctx), in.Offer)
		if err != nil {
			return nil, err
		}
		return s.connect(ctx, leg, in.Body.SDP)
	})
	add(s, api, route{
		method: "POST", path: "/api/interactions/{id}/leg", id: "rejoinLeg", summary: "Come back to a call",
		roles: agent, maxBody: 2 * maxSDP,
	}, s.rejoin)
	add(s, api, route{
		method: "GET", path: "/api/demo", id: "demo", summary: "Numbers of the demo", open: true,
	}, func(context.Context, *nothing) (*output[DemoNumbers], error) {
		if s.c.Demo == nil {
			return nil, problem(http.StatusNotFound, string(rivage.NotFound))
		}
		return &output[DemoNumbers]{DemoNumbers{s.c.Demo}}, nil
	})
	add(s, api, route{
		method: "POST", path: "/api/demo/calls", id: "demoCall", summary: "Call as the citizen", open: true,
		maxBody: 2 * maxSDP,
	}, s.demoCall)
	add(s, api, route{
		method: "DELETE", path: "/api/demo/calls/{leg}", id: "demoHangUp", summary: "Hang up", open: true, status: 204,
	}, func(_ context.Context, in *demoLegInput) (*nothing, error) {
		if s.c.Demo == nil {
			return nil, problem(http.StatusNotFound, string(rivage.NotFound))
		}
		s.c.Voice.HangUpBrowser(in.Leg)
		return nil, nil
	})
}

// connect answers the desk's description; the microphone needs a secure origin.
func (s *Server) connect(ctx context.Context, leg rivage.ID, sdp string) (*output[LegAnswer], error) {
	if !secureOrigin(requestOf(ctx)) {
		return nil, problem(http.StatusForbidden, "secure_required")
	}
	answer, err := s.c.Voice.BrowserLeg(ctx, leg, sdp)
	return &output[LegAnswer]{LegAnswer{leg, answer}}, err
}

// rejoin comes back to a call on a new leg: the leg is there before the floor bridges it. Until then it hears nothing.
func (s *Server) rejoin(ctx context.Context, in *rejoinInput) (*output[LegAnswer], error) {
	u := userOf(ctx)
	if err := s.c.View.Rejoinable(ctx, u, in.ID); err != nil {
		return nil, err
	}
	leg := rivage.NewID()
	out, err := s.connect(ctx, leg, in.Body.SDP)
	if err != nil {
		return nil, err
	}
	if _, err := s.c.Floor.Do(ctx, "", floor.Rejoin{Agent: u.Account, Interaction: in.ID, Leg: leg}); err != nil {
		s.c.Voice.HangUpBrowser(leg)
		return nil, err
	}
	return out, nil
}

func (s *Server) demoCall(ctx context.Context, in *demoCallInput) (*output[LegAnswer], error) {
	known := slices.ContainsFunc(s.c.Demo, func(n Number) bool { return n.Number == in.Body.Number })
	if !known {
		return nil, problem(http.StatusNotFound, string(rivage.NotFound))
	}
	if err := s.door.demoCall(requestOf(ctx)); err != nil {
		return nil, err
	}
	leg, answer, err := s.c.Voice.BrowserCaller(ctx, in.Body.Number, in.Body.SDP)
	return &output[LegAnswer]{LegAnswer{leg, answer}}, err
}
