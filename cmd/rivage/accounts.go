// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"strings"
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/access"
	"rivage.example/rivage/engine/policy"
	"rivage.example/rivage/record/store"
)

// loginIndex is the kind of blind index an account is found by.
const loginIndex = "login"

// newAccess is the access control over what an instance keeps.
func newAccess(i *instance, s *settings, j *journal) (*access.Control, error) {
	return access.New(access.Config{
		Clock: i.clock, Settings: s.Settings, Zone: policy.ZoneOf, Accounts: directory{i, s},
		Secrets: i.vault.Secrets(i.store), Sessions: sessions{i.store}, Journal: j, Log: i.store, Registrar: s,
		Supports: func(company rivage.ID, country rivage.Country, at time.Time) rivage.Decision {
			return s.Gate().Supports(company, country, at)
		},
		Organisation: i.machine.Organisation,
	})
}

// directory finds accounts by what is sealed of them.
type directory struct {
	*instance
	settings *settings
}

// AccountByLogin implements access.Accounts.
func (d directory) AccountByLogin(ctx context.Context, login string) (rivage.ID, error) {
	bidx := d.vault.Blind(rivage.Organisation, loginIndex, strings.ToLower(login))
	m, err := d.store.SubjectByIndex(ctx, rivage.Organisation, loginIndex, bidx)
	if err != nil {
		return "", err
	}
	row, err := d.store.SettingBySubject(ctx, m.Subject)
	return row.ID, err
}

// Names implements access.Accounts.
func (d directory) Names(ctx context.Context, account rivage.ID) (name, login string, err error) {
	row, err := d.store.Setting(ctx, rivage.TypeAccount, account)
	if err != nil {
		return "", "", err
	}
	return d.settings.names(ctx, &row)
}

// sessions lets access keep its documents in the store.
type sessions struct{ *store.Store }

// Session implements access.Sessions.
func (s sessions) Session(ctx context.Context, id string) ([]byte, error) {
	row, err := s.Store.Session(ctx, id)
	return row.Data, err
}

// SessionsOf implements access.Sessions.
func (s sessions) SessionsOf(ctx context.Context, account rivage.ID) ([][]byte, error) {
	list, err := s.Sessions(ctx, account)
	docs := make([][]byte, len(list))
	for i := range list {
		docs[i] = list[i].Data
	}
	return docs, err
}

// PutSession implements access.Sessions.
func (s sessions) PutSession(ctx context.Context, id string, account rivage.ID, expires rivage.Micros, doc []byte) error {
	return s.Store.PutSession(ctx, store.Session{ID: id, Account: account, Expires: expires, Data: doc})
}
