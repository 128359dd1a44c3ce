// SPDX-License-Identifier: EUPL-1.2

package api

import (
	"io/fs"
	"net/http"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/access"
)

// serveCheckpoint gives the last published tree head, to anybody.
func (s *Server) serveCheckpoint(w http.ResponseWriter, r *http.Request) {
	s.servePublished(w, r, "checkpoint", "text/plain; charset=utf-8")
}

// serveTile gives published tiles to a data protection officer of the organisation: with its key, a leaf is personal
// data.
func (s *Server) serveTile(w http.ResponseWriter, r *http.Request) {
	who, err := s.who(r)
	if err == nil && !covers(who, rivage.Organisation, access.RoleDPO) {
		err = problem(http.StatusForbidden, codeRole)
	}
	if err != nil {
		s.fail(r.Context(), route{id: "tile"}, err).write(w)
		return
	}
	s.servePublished(w, r, "tile/"+r.PathValue("path"), "application/octet-stream")
}

func (s *Server) servePublished(w http.ResponseWriter, r *http.Request, name, kind string) {
	if !fs.ValidPath(name) {
		problem(http.StatusNotFound, string(rivage.NotFound)).write(w)
		return
	}
	data, err := s.c.Ledger.Public(name)
	if err != nil {
		s.fail(r.Context(), route{id: "published"}, err).write(w)
		return
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Cache-Control", keepNothing)
	_, _ = w.Write(data) // the client is gone: nothing to do
}
