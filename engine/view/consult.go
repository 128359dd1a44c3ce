// SPDX-License-Identifier: EUPL-1.2

package view

import (
	"crypto/rand"
	"crypto/subtle"
	"slices"
	"strings"
	"sync"
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/policy"
)

// paneLife is how long a field that leaves as an image waits to be drawn: its page asks for it at once.
const paneLife = 30 * time.Second

// imagePath is where the API draws fields.
const imagePath = "/api/consultation/"

// maxPanes is how many fields of one case wait to be drawn.
const maxPanes = 64

// panes are the fields that leave as images only (GDPR chapter V: a display by another company in a third country is a
// transfer). Each is there once, for the session that it was decided for, for a moment, and one case at a time.
type panes struct {
	mu sync.Mutex
	of map[rivage.ID]*showcase // by session; owned by mu
}

// showcase is the case a session looks at.
type showcase struct {
	about rivage.ID // interaction or person
	panes []pane
}

type pane struct {
	token  string
	value  string
	masked bool // value is in part already
	asked  policy.Request
	until  time.Time
}

// put keeps a value to be drawn, in part already or not, and gives its token. Another case closes the one before.
func (p *panes) put(u User, asked policy.Request, value string, masked bool, now time.Time) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.of == nil {
		p.of = map[rivage.ID]*showcase{}
	}
	for session, s := range p.of { // what nobody fetched goes
		s.panes = slices.DeleteFunc(s.panes, func(p pane) bool { return !now.Before(p.until) })
		if len(s.panes) == 0 {
			delete(p.of, session)
		}
	}
	s := p.of[u.Session]
	if about := asked.Target; s == nil || s.about != about {
		s = &showcase{about: about}
		p.of[u.Session] = s
	}
	if len(s.panes) >= maxPanes { // the oldest
		s.panes = slices.Delete(s.panes, 0, 1)
	}
	t := rand.Text()
	s.panes = append(s.panes, pane{token: t, value: value, masked: masked, asked: asked, until: now.Add(paneLife)})
	return t
}

// take gives a value once, to the session it was put for, as long as that one's place is the same.
func (p *panes) take(u User, token string, now time.Time) (pane, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.of[u.Session]
	if s == nil {
		return pane{}, false
	}
	for i := range s.panes {
		if subtle.ConstantTimeCompare([]byte(s.panes[i].token), []byte(token)) != 1 {
			continue
		}
		it := s.panes[i]
		s.panes = slices.Delete(s.panes, i, i+1)
		return it, it.token != "" && now.Before(it.until) && it.asked.Place == u.Place
	}
	return pane{}, false
}

// Pane is the value of a field that leaves as an image, for whoever draws it. A token is good once, for a moment, for the
// session that asked.
func (v *View) Pane(u User, token string) (string, error) {
	now := v.c.Clock.Now()
	p, ok := v.panes.take(u, token, now)
	if !ok || token == "" {
		return "", notFound("draw a field")
	}
	d := v.c.Gate().DecideField(v.c.Settings(), p.asked, now)
	if !d.Allowed { // what it was decided under no longer holds
		return "", &rivage.Error{Code: rivage.Denied, Message: "draw a field", Decision: &d}
	}
	if d.Masked && !p.masked { // ordered since
		return masked(p.value), nil
	}
	return p.value, nil
}

// masked leaves of a value what recognises it to somebody who knows it: of a telephone number in its full form (E.164) its
// first two digits, which hold its country, and its last two; of anything else nothing.
func masked(value string) string {
	const dots = "•••"
	if len(value) < 9 || value[0] != '+' || strings.ContainsFunc(value[1:], func(c rune) bool { return c < '0' || c > '9' }) {
		return dots
	}
	return value[:3] + " " + dots + " " + value[len(value)-2:]
}
