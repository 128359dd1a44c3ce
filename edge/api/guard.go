// SPDX-License-Identifier: EUPL-1.2

package api

import (
	"context"
	"net/http"
	"runtime/debug"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/floor"
)

// policyHeaders stand on every answer. Trusted Types keep strings from becoming scripts; nothing is loaded from
// anywhere else.
var policyHeaders = map[string]string{
	"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; " +
		"connect-src 'self'; media-src 'self' blob:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; " +
		"require-trusted-types-for 'script'",
	"X-Content-Type-Options":     "nosniff",
	"Referrer-Policy":            "no-referrer",
	"Cross-Origin-Opener-Policy": "same-origin",
	"Permissions-Policy":         "microphone=(self), camera=(), geolocation=()",
}

// hsts tells browsers never to come back without TLS, RFC 6797.
const hsts = "max-age=31536000"

// Handler serves everything, behind the door: rates, origins, headers.
func (s *Server) Handler() http.Handler {
	origins := http.NewCrossOriginProtection()
	origins.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.refuse("origin")
		problem(http.StatusForbidden, codeOrigin).write(w)
	}))
	inner := origins.Handler(s.mux)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		for k, v := range policyHeaders {
			h.Set(k, v)
		}
		if r.TLS != nil {
			h.Set("Strict-Transport-Security", hsts)
		}
		if err := s.door.request(r); err != nil {
			s.refuse("rate")
			problemOf(err).write(w)
			return
		}
		defer s.recovered(w)
		inner.ServeHTTP(w, r)
	})
}

// recovered keeps a fault of one request, ours or a library's, from being more than that.
func (s *Server) recovered(w http.ResponseWriter) {
	v := recover()
	if v == nil {
		return
	}
	if v == http.ErrAbortHandler {
		panic(v) // net/http's own way to cut a connection
	}
	s.c.Log.Error("request panicked", "panic", v, "stack", string(debug.Stack()))
	problem(http.StatusInternalServerError, string(rivage.Internal)).write(w)
}

// refuse counts somebody turned away. The count goes to the floor, which writes one entry for each reason and minute;
// a flood waits for nobody.
func (s *Server) refuse(reason string) {
	select {
	case s.refused <- reason:
	default: // the count of a flood may fall short
	}
}

// tellRefusals hands the refusals to the floor until ctx is done.
func (s *Server) tellRefusals(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case reason := <-s.refused:
			s.c.Floor.Post(floor.Refused{Door: "https", Source: "stranger", Reason: reason})
		}
	}
}
