// SPDX-License-Identifier: EUPL-1.2

package api

import (
	"encoding/json"
	"fmt"
	"html"
	"net/http"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/view"
)

// badgeTexts says what a profile is, as the badge shows it: what the software does, and nothing about the organisation.
var badgeTexts = map[rivage.Profile][2]string{
	rivage.Souverain: {"profil souverain", "rien n'est ouvert hors de l'EEE, consultation comprise"},
	rivage.Encadre:   {"profil encadré", "des accès hors de l'EEE sont possibles, sous garanties"},
}

// serveBadge gives anybody the profile as a picture, to be put on a site of the organisation's.
func (s *Server) serveBadge(w http.ResponseWriter, r *http.Request) {
	if b, ok := s.badge(w, r); ok {
		w.Header().Set("Content-Type", "image/svg+xml; charset=utf-8")
		_, _ = w.Write([]byte(drawBadge(s.c.Organisation, b))) // the client is gone: nothing to do
	}
}

// serveBadgeData gives the same as data, with the entry that says so: the checkpoint and the entry's proof check it.
func (s *Server) serveBadgeData(w http.ResponseWriter, r *http.Request) {
	if b, ok := s.badge(w, r); ok {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(struct {
			Organisation string `json:"organisation"`
			view.Badge
		}{s.c.Organisation, b}) // as above
	}
}

func (s *Server) badge(w http.ResponseWriter, r *http.Request) (view.Badge, bool) {
	b, err := s.c.View.Badge(r.Context())
	if err != nil {
		s.fail(r.Context(), route{id: "badge"}, err).write(w)
		return b, false
	}
	w.Header().Set("Cache-Control", keepNothing) // another profile shows at once
	w.Header().Set("Cross-Origin-Resource-Policy", "cross-origin")
	return b, true
}

func drawBadge(organisation string, b view.Badge) string {
	text := badgeTexts[b.Profile]
	since := "par défaut"
	if len(b.Since) >= len("2026-01-02") {
		since = fmt.Sprintf("depuis le %s/%s/%s, écriture %d", b.Since[8:10], b.Since[5:7], b.Since[:4], b.Seq)
	}
	title := html.EscapeString(fmt.Sprintf("%s, Rivage, %s : %s, %s", organisation, text[0], text[1], since))
	colour := map[rivage.Profile]string{rivage.Souverain: "#0f5f5a", rivage.Encadre: "#1d4f91"}[b.Profile]
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="%[1]s" width="340" height="64" viewBox="0 0 340 64"><title>%[1]s</title>`+
		`<rect width="340" height="64" rx="6" fill="#fff" stroke="%[2]s"/><path d="M6 0h4v64h-4a6 6 0 0 1-6-6v-52a6 6 0 0 1 6-6z" fill="%[2]s"/>`+
		`<g font-family="system-ui,sans-serif"><text x="22" y="24" font-size="15" font-weight="700" fill="%[2]s">Rivage · %[3]s</text>`+
		`<text x="22" y="41" font-size="11" fill="#222">%[4]s</text><text x="22" y="56" font-size="10" fill="#555">%[5]s</text></g></svg>`,
		title, colour, html.EscapeString(text[0]), html.EscapeString(text[1]), html.EscapeString(since))
}
