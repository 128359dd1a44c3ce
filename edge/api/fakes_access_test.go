// SPDX-License-Identifier: EUPL-1.2

package api

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/access"
)

// fakeAccess has one account for each role and scope: the token is "role.principal".
type fakeAccess struct {
	accounts map[rivage.ID]*rivage.Account // of every session that was ever seen; filled before the first request

	mu    sync.Mutex
	ended map[string]chan struct{} // by token
	from  access.Origin            // of the last check

	still atomic.Pointer[error] // what Still answers
	asked chan struct{}         // that it was; of capacity 1
}

// everyScope is the scope of who sees everything.
const everyScope = "all"

func newAccess() *fakeAccess {
	a := &fakeAccess{accounts: map[rivage.ID]*rivage.Account{}, ended: map[string]chan struct{}{}, asked: make(chan struct{}, 1)}
	for _, role := range access.Roles {
		for _, of := range []string{"colis", "mutuelle", everyScope} {
			s, _ := a.session(role + "." + of)
			if a.accounts[s.Account] == nil {
				a.accounts[s.Account] = &rivage.Account{ID: s.Account, Roles: s.Roles}
			}
		}
	}
	return a
}

func (a *fakeAccess) session(token string) (access.Session, bool) {
	role, of, ok := strings.Cut(token, ".")
	if !ok {
		return access.Session{}, false
	}
	all := []rivage.ID{"*"}
	r := rivage.Role{Name: role, Principals: []rivage.ID{rivage.ID(of)}, Queues: all, Sites: all}
	if of == everyScope {
		r.Principals = all
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.ended[token] == nil {
		a.ended[token] = make(chan struct{})
	}
	s := access.Session{
		ID: rivage.ID("session-" + token), Account: rivage.ID(token), Name: "Nom", Login: token, Roles: []rivage.Role{r},
		Place: rivage.Place{Site: "brest", Country: "FR", Zone: rivage.ZoneFR, Evidence: rivage.Attested}, Ended: a.ended[token],
	}
	if role == "mixed" { // administrator of one Principal, data protection officer of all
		r.Name = access.RoleAdministrator
		s.Roles = []rivage.Role{r, {Name: access.RoleDPO, Principals: all, Queues: all, Sites: all}}
	}
	if role == access.RoleAgent {
		s.Account, s.Agent = "ana", &rivage.Agent{ID: "ana", Device: rivage.Device{Kind: "browser"}}
	}
	select {
	case <-s.Ended:
		return access.Session{}, false
	default:
		return s, true
	}
}

func (a *fakeAccess) end(token string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	close(a.ended[token])
}

func refused(code rivage.Code, r access.Refusal) error { return &rivage.Error{Code: code, Err: r} }

func (a *fakeAccess) SignIn(_ context.Context, login, password, _ string, _ access.Origin) (access.Session, string, error) {
	s, ok := a.session(login)
	if !ok || password != "juste" {
		return access.Session{}, "", refused(rivage.Denied, access.BadCredentials)
	}
	return s, login, nil
}

func (a *fakeAccess) Still(_ context.Context, _ string, _ access.Origin, seen rivage.Seq) (rivage.Seq, error) {
	select {
	case a.asked <- struct{}{}:
	default:
	}
	if err := a.still.Load(); err != nil {
		return seen, *err
	}
	return seen, nil
}

func (a *fakeAccess) Check(_ context.Context, token string, from access.Origin) (access.Session, error) {
	a.mu.Lock()
	a.from = from
	a.mu.Unlock()
	s, ok := a.session(token)
	if !ok {
		return access.Session{}, refused(rivage.Denied, access.NoSession)
	}
	return s, nil
}

func (a *fakeAccess) last() access.Origin {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.from
}

func (a *fakeAccess) SignOut(_ context.Context, token string) error {
	a.end(token)
	return nil
}

func (a *fakeAccess) OpenInvitation(_ context.Context, token string) (access.Enrolment, error) {
	if token != "invitation-token" {
		return access.Enrolment{}, refused(rivage.NotFound, access.BadInvitation)
	}
	return access.Enrolment{Login: "agent.colis", Name: "Nom"}, nil
}

func (a *fakeAccess) AcceptInvitation(ctx context.Context, token, password, code string, from access.Origin) (access.Session, string, error) {
	if _, err := a.OpenInvitation(ctx, token); err != nil {
		return access.Session{}, "", err
	}
	return a.SignIn(ctx, "agent.colis", password, code, from)
}

func (a *fakeAccess) Invite(_ context.Context, _ rivage.ID, accounts ...rivage.ID) ([]access.Invitation, error) {
	return []access.Invitation{{Account: accounts[0], Token: "invitation-token", Expires: epoch}}, nil
}

func (a *fakeAccess) Challenge(session rivage.ID) string { return "challenge-of-" + string(session) }

func (a *fakeAccess) ProveWorkstation(_ context.Context, _ string, from access.Origin) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.from = from
	return nil
}

func (a *fakeAccess) OfferWorkstation(context.Context, rivage.ID, rivage.Workstation) (string, time.Time, error) {
	return "ABCDEFGHJKMNPQRS", epoch, nil
}

func (a *fakeAccess) EnrolWorkstation(_ context.Context, code string, _ []byte) (rivage.Workstation, error) {
	if code != "ABCDEFGHJKMNPQRS" {
		return rivage.Workstation{}, refused(rivage.NotFound, access.BadEnrolment)
	}
	return rivage.Workstation{ID: "poste-12", Name: "Poste 12"}, nil
}

func (a *fakeAccess) RevokeAll(context.Context, rivage.ID, rivage.ID) error { return nil }
