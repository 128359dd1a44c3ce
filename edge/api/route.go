// SPDX-License-Identifier: EUPL-1.2

package api

import (
	"context"
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/access"
	"rivage.example/rivage/engine/view"
)

// route is one operation: who may call it, and what huma needs to know.
type route struct {
	method, path string
	id           string // operationId
	summary      string
	open         bool     // without a session
	roles        []string // any of them; nil is anybody who is signed in
	status       int      // of success, 200 when 0
	maxBody      int64    // bytes, 64 KiB when 0
	body         string   // content type of the answer when it is not JSON
}

const (
	defaultBody = 64 << 10
	bodyTimeout = 25 * time.Second // ten megabytes on a slow line; under the server's own
)

// add registers an operation with its guard.
func add[I, O any](s *Server, api huma.API, r route, h func(context.Context, *I) (*O, error)) {
	op := huma.Operation{
		Method: r.method, Path: r.path, OperationID: r.id, Summary: r.summary, DefaultStatus: r.status,
		MaxBodyBytes: r.maxBody,
		Responses:    map[string]*huma.Response{},
		Middlewares:  huma.Middlewares{s.guard(r)},
	}
	op.BodyReadTimeout = bodyTimeout
	if op.MaxBodyBytes == 0 {
		op.MaxBodyBytes = defaultBody
	}
	if r.body != "" {
		op.Responses["200"] = &huma.Response{
			Description: "OK",
			Content:     map[string]*huma.MediaType{r.body: {Schema: &huma.Schema{Type: "string", Format: "binary"}}},
		}
	}
	huma.Register(api, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := h(ctx, in)
		if err == nil {
			return out, nil
		}
		return nil, s.fail(ctx, r, err)
	})
	problems := api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[Problem](), true, "Problem")
	op.Responses["default"] = &huma.Response{
		Description: "RFC 9457",
		Content:     map[string]*huma.MediaType{problemJSON: {Schema: problems}},
	}
}

// fail maps an error once, and notes the ones that are ours.
func (s *Server) fail(ctx context.Context, r route, err error) *Problem {
	p := problemOf(err)
	if p.Status >= http.StatusInternalServerError && ctx.Err() == nil {
		s.c.Log.Error("request failed", "operation", r.id, "status", p.Status, "error", err)
	}
	return p
}

type (
	sessionKey struct{}
	requestKey struct{}
)

// requestOf is the HTTP request that guard put there.
func requestOf(ctx context.Context) *http.Request {
	r, _ := ctx.Value(requestKey{}).(*http.Request)
	return r
}

// guard lets in who has a session and a role for the route.
func (s *Server) guard(r route) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		ctx.SetHeader("Cache-Control", "no-store")
		req, w := humago.Unwrap(ctx)
		ctx = huma.WithValue(ctx, requestKey{}, req)
		if r.open {
			next(ctx)
			return
		}
		who, err := s.who(req)
		if err == nil && r.roles != nil && !user(who).Is(r.roles...) {
			err = problem(http.StatusForbidden, codeRole)
		}
		if err == nil {
			err = s.atLeast(req)
		}
		if err != nil {
			s.fail(req.Context(), r, err).write(w)
			return
		}
		next(huma.WithValue(ctx, sessionKey{}, who))
	}
}

// who is the session of a request's cookie.
func (s *Server) who(r *http.Request) (access.Session, error) {
	token := sessionToken(r)
	if token == "" {
		return access.Session{}, problem(http.StatusUnauthorized, codeSignedOut)
	}
	return s.c.Access.Check(r.Context(), token, fromOf(r))
}

// sessionOf is the session that guard put there.
func sessionOf(ctx context.Context) access.Session {
	who, _ := ctx.Value(sessionKey{}).(access.Session)
	return who
}

// userOf is the session's user as engine/view knows him.
func userOf(ctx context.Context) view.User { return user(sessionOf(ctx)) }

func user(w access.Session) view.User {
	return view.User{Account: w.Account, Subject: w.Subject, Session: w.ID, Rights: w.Rights(), Place: w.Place}
}

// covers says whether one of the roles of the session reaches a Principal, or the organisation's own.
func covers(w access.Session, principal rivage.ID, roles ...string) bool {
	return user(w).Covers(principal, roles...)
}
