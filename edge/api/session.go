// SPDX-License-Identifier: EUPL-1.2

package api

import (
	"context"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/access"
	"rivage.example/rivage/engine/view"
)

// Me is who is signed in.
type Me struct {
	Account      rivage.ID  `json:"account"`
	Name         string     `json:"name"`
	Login        string     `json:"login"`
	Lang         string     `json:"lang" enum:"fr,en"`
	Roles        []Role     `json:"roles" nullable:"false"`
	Agent        *MyAgent   `json:"agent,omitempty"`
	Place        view.Place `json:"place"`
	Secure       bool       `json:"secure" doc:"a softphone is possible on this origin"`
	Demo         bool       `json:"demo"`
	Organisation string     `json:"organisation"`
}

// Role is a right with its scope; "*" is everything of a dimension.
type Role struct {
	Name       string      `json:"name" enum:"agent,supervisor,administrator,dpo,support"`
	Principals []rivage.ID `json:"principals" nullable:"false"`
	Queues     []rivage.ID `json:"queues" nullable:"false"`
	Sites      []rivage.ID `json:"sites" nullable:"false"`
}

// MyAgent is how an agent's calls ring.
type MyAgent struct {
	Device MyDevice `json:"device"`
}

// MyDevice is where an agent's calls ring.
type MyDevice struct {
	Kind string `json:"kind" enum:"browser,sip"`
	URI  string `json:"uri,omitempty"`
}

// InvitationView is what an invited person sees.
type InvitationView struct {
	LoginHint string   `json:"login_hint"`
	Name      string   `json:"name"`
	TOTP      TOTPView `json:"totp"`
}

// TOTPView is the second factor to set up.
type TOTPView struct {
	Required bool   `json:"required"`
	Secret   string `json:"secret,omitempty"`
	URI      string `json:"uri,omitempty"`
}

type signInInput struct {
	Body struct {
		Login    string `json:"login" minLength:"1" maxLength:"200"`
		Password string `json:"password" minLength:"1" maxLength:"1000"`
		TOTP     string `json:"totp,omitempty" maxLength:"10"`

		Workstation *WorkstationProof `json:"workstation,omitempty"`
		Telework    bool              `json:"telework,omitempty" doc:"at the account's one site of teleworking"`
		Site        rivage.ID         `json:"site,omitempty" maxLength:"64" doc:"which of several"`
	}
}

type tokenInput struct {
	Token string `path:"token" minLength:"10" maxLength:"200"`
}

type acceptInput struct {
	Token string `path:"token" minLength:"10" maxLength:"200"`
	Body  struct {
		Password string `json:"password" minLength:"1" maxLength:"1000"`
		TOTPCode string `json:"totp_code,omitempty" maxLength:"10"`
	}
}

type cookieOutput[T any] struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
	Body      T
}

type noBody struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
}

type output[T any] struct{ Body T }

type nothing struct{}

func (s *Server) sessionRoutes(api huma.API) {
	add(s, api, route{method: "POST", path: "/api/session", id: "signIn", summary: "Sign in", open: true},
		func(ctx context.Context, in *signInInput) (*cookieOutput[Me], error) {
			if err := s.door.signIn(requestOf(ctx)); err != nil {
				return nil, err
			}
			from := in.Body.Workstation.from(requestOf(ctx))
			from.Telework, from.Site = in.Body.Telework, in.Body.Site
			who, token, err := s.c.Access.SignIn(ctx, in.Body.Login, in.Body.Password, in.Body.TOTP, from)
			if choice, ok := errors.AsType[*access.Choice](err); ok {
				return nil, s.whichSite(choice)
			}
			if err != nil {
				return nil, err
			}
			return &cookieOutput[Me]{s.cookie(requestOf(ctx), token), s.me(who, requestOf(ctx))}, nil
		})
	add(s, api, route{method: "GET", path: "/api/session", id: "me", summary: "Who is signed in"},
		func(ctx context.Context, _ *nothing) (*output[Me], error) {
			return &output[Me]{s.me(sessionOf(ctx), requestOf(ctx))}, nil
		})
	add(s, api, route{method: "DELETE", path: "/api/session", id: "signOut", summary: "Sign out", status: 204},
		func(ctx context.Context, _ *nothing) (*noBody, error) {
			if err := s.c.Access.SignOut(ctx, sessionToken(requestOf(ctx))); err != nil {
				return nil, err
			}
			return &noBody{s.cookie(requestOf(ctx), "")}, nil
		})
	add(s, api, route{
		method: "GET", path: "/api/invitations/{token}", id: "invitation", summary: "Read an invitation", open: true,
	}, func(ctx context.Context, in *tokenInput) (*output[InvitationView], error) {
		if err := s.door.signIn(requestOf(ctx)); err != nil {
			return nil, err
		}
		i, err := s.c.Access.OpenInvitation(ctx, in.Token)
		return &output[InvitationView]{InvitationView{
			LoginHint: i.Login, Name: i.Name, TOTP: TOTPView{Required: i.TOTPRequired, Secret: i.Secret, URI: i.URI},
		}}, err
	})
	add(s, api, route{
		method: "POST", path: "/api/invitations/{token}", id: "acceptInvitation", summary: "Accept an invitation", open: true,
	}, func(ctx context.Context, in *acceptInput) (*cookieOutput[Me], error) {
		if err := s.door.signIn(requestOf(ctx)); err != nil {
			return nil, err
		}
		who, token, err := s.c.Access.AcceptInvitation(ctx, in.Token, in.Body.Password, in.Body.TOTPCode, fromOf(requestOf(ctx)))
		if err != nil {
			return nil, err
		}
		return &cookieOutput[Me]{s.cookie(requestOf(ctx), token), s.me(who, requestOf(ctx))}, nil
	})
}

// whichSite asks somebody who proved who they are where they work today.
func (s *Server) whichSite(c *access.Choice) *Problem {
	p := problem(http.StatusUnauthorized, string(access.SiteRequired))
	for _, id := range c.Sites {
		p.Sites = append(p.Sites, SiteChoice{id, s.c.View.Place(rivage.Place{Site: id, Evidence: rivage.Unknown}).SiteName})
	}
	return p
}

func (s *Server) me(w access.Session, r *http.Request) Me {
	m := Me{
		Account: w.Account, Name: w.Name, Login: w.Login, Lang: w.Lang, Roles: []Role{}, Place: s.c.View.Place(w.Place),
		Secure: secureOrigin(r), Demo: s.c.Demo != nil, Organisation: s.c.Organisation,
	}
	if m.Lang == "" {
		m.Lang = "fr"
	}
	for _, role := range w.Roles {
		m.Roles = append(m.Roles, Role{
			Name: role.Name, Principals: orEmpty(role.Principals), Queues: orEmpty(role.Queues), Sites: orEmpty(role.Sites),
		})
	}
	if w.Agent != nil {
		m.Agent = &MyAgent{MyDevice{w.Agent.Device.Kind, w.Agent.Device.URI}}
	}
	return m
}

func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
