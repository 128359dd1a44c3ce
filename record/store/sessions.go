// SPDX-License-Identifier: EUPL-1.2

package store

import (
	"context"

	"rivage.example/rivage"
)

// Session is somebody's log-in. What Data holds is its owner's to say.
type Session struct {
	ID      string // never the cookie itself: whoever reads the database must not be able to sign in
	Account rivage.ID
	Expires rivage.Micros
	Data    []byte
}

const sessionColumns = `SELECT id, account, expires, data FROM session `

// Session reads one session, expired or not.
func (r Reader) Session(ctx context.Context, id string) (Session, error) {
	var s Session
	err := queryRow(ctx, r.q, sessionColumns+`WHERE id=$1`, []any{id}, &s.ID, (*string)(&s.Account), (*int64)(&s.Expires), &s.Data)
	return s, rowError("session", err)
}

// Sessions lists the sessions of an account, or all for "".
func (r Reader) Sessions(ctx context.Context, account rivage.ID) ([]Session, error) {
	var c clause
	if account != "" {
		c.and("account=?", string(account))
	}
	var list []Session
	err := queryAll(ctx, r.q, sessionColumns+c.text+` ORDER BY id`, c.args, func(scan func(...any) error) error {
		var s Session
		err := scan(&s.ID, (*string)(&s.Account), (*int64)(&s.Expires), &s.Data)
		list = append(list, s)
		return err
	})
	if err != nil {
		return nil, unavailable("read sessions", err)
	}
	return list, nil
}

// PutSession keeps a session, or replaces the one of the same id.
func (s *Store) PutSession(ctx context.Context, x Session) error {
	return s.put(ctx, "session", `INSERT INTO session(id,account,expires,data) VALUES($1,$2,$3,$4)
		ON CONFLICT(id) DO UPDATE SET account=excluded.account, expires=excluded.expires, data=excluded.data`,
		x.ID, string(x.Account), int64(x.Expires), append([]byte{}, x.Data...))
}

// DeleteSession ends a session; none by that id is no error.
func (s *Store) DeleteSession(ctx context.Context, id string) error {
	return s.put(ctx, "session", `DELETE FROM session WHERE id=$1`, id)
}

// DeleteSessions ends all sessions of an account: a revocation.
func (s *Store) DeleteSessions(ctx context.Context, account rivage.ID) error {
	return s.put(ctx, "session", `DELETE FROM session WHERE account=$1`, string(account))
}

// ExpireSessions removes those that expired before an instant.
func (s *Store) ExpireSessions(ctx context.Context, before rivage.Micros) error {
	return s.put(ctx, "session", `DELETE FROM session WHERE expires<$1`, int64(before))
}
