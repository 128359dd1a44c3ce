// SPDX-License-Identifier: EUPL-1.2

package store

import (
	"context"
	"encoding/json"
	"fmt"

	"rivage.example/rivage"
)

// Setting reads the last version of one configured thing.
func (r Reader) Setting(ctx context.Context, kind string, id rivage.ID) (rivage.SettingRow, error) {
	row, err := one(ctx, r.q, &settingTable, "setting", "WHERE stream=$1", string(settingStream(kind, id)))
	return row.SettingRow, err
}

// SettingBySubject reads the account whose own subject this is.
func (r Reader) SettingBySubject(ctx context.Context, subject rivage.ID) (rivage.SettingRow, error) {
	if subject == "" {
		return rivage.SettingRow{}, notFound("setting")
	}
	row, err := one(ctx, r.q, &settingTable, "setting", "WHERE subject=$1 AND subject<>''", string(subject))
	return row.SettingRow, err
}

// SettingRows reads the last version of everything configured, by type and id.
func (r Reader) SettingRows(ctx context.Context) ([]rivage.SettingRow, error) {
	list, err := many(ctx, r.q, &settingTable, "ORDER BY type, id")
	if err != nil {
		return nil, err
	}
	rows := make([]rivage.SettingRow, len(list))
	for i := range list {
		rows[i] = list[i].SettingRow
	}
	return rows, nil
}

// Settings reads everything configured at one moment, decoded and as rows; Settings.Seq is the last entry of that
// moment, so that a consumer of the feed goes on with the next.
func (s *Store) Settings(ctx context.Context) (*rivage.Settings, []rivage.SettingRow, error) {
	var head Head
	var list []rivage.SettingRow
	err := s.Snapshot(ctx, func(r Reader) error {
		var err error
		if head, err = r.Head(ctx); err != nil {
			return err
		}
		list, err = r.SettingRows(ctx)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	settings, err := DecodeSettings(list)
	if err != nil {
		return nil, nil, err
	}
	if head.Size > 0 {
		settings.Seq = head.Size - 1
	}
	return settings, list, nil
}

// DecodeSettings makes the settings of their rows. Agents are those of accounts, under the account's id and subject.
func DecodeSettings(list []rivage.SettingRow) (*rivage.Settings, error) {
	s := &rivage.Settings{
		Principals: map[rivage.ID]*rivage.Principal{}, Companies: map[rivage.ID]*rivage.Company{},
		Sites: map[rivage.ID]*rivage.Site{}, Queues: map[rivage.ID]*rivage.Queue{},
		Agents: map[rivage.ID]*rivage.Agent{}, Accounts: map[rivage.ID]*rivage.Account{},
		Trunks: map[rivage.ID]*rivage.Trunk{}, Numbers: map[string]*rivage.Number{},
		Flows: map[rivage.ID]*rivage.Flow{}, FlowVersion: map[rivage.ID]int64{},
		Rules: map[rivage.ID]*rivage.RuleSet{}, Prompts: map[rivage.ID]*rivage.Prompt{},
	}
	for i := range list {
		if err := decodeSetting(s, &list[i]); err != nil {
			return nil, &rivage.Error{
				Code: rivage.Internal, Message: fmt.Sprintf("decode setting %s/%s", list[i].Type, list[i].ID), Err: err,
			}
		}
		s.Seq = max(s.Seq, list[i].Seq)
	}
	return s, nil
}

func decodeSetting(s *rivage.Settings, r *rivage.SettingRow) error {
	switch r.Type {
	case rivage.TypePrincipal:
		return into(r, s.Principals)
	case rivage.TypeCompany:
		return into(r, s.Companies)
	case rivage.TypeSite:
		return into(r, s.Sites)
	case rivage.TypeQueue:
		return into(r, s.Queues)
	case rivage.TypeTrunk:
		return into(r, s.Trunks)
	case rivage.TypeFlow:
		s.FlowVersion[r.ID] = r.Version
		return into(r, s.Flows)
	case rivage.TypePrompt:
		return into(r, s.Prompts)
	case rivage.TypeNumber:
		n := new(rivage.Number)
		err := json.Unmarshal(r.Doc, n)
		s.Numbers[n.Number] = n
		return err
	case rivage.TypeRules:
		n := new(rivage.RuleSet)
		err := json.Unmarshal(r.Doc, n)
		s.Rules[n.Principal] = n
		return err
	case rivage.TypeAccount:
		return account(s, r)
	}
	return fmt.Errorf("unknown type")
}

func into[T any](r *rivage.SettingRow, m map[rivage.ID]*T) error {
	v := new(T)
	m[r.ID] = v
	return json.Unmarshal(r.Doc, v)
}

func account(s *rivage.Settings, r *rivage.SettingRow) error {
	a := new(rivage.Account)
	if err := json.Unmarshal(r.Doc, a); err != nil {
		return err
	}
	s.Accounts[r.ID] = a
	if a.Agent != nil {
		a.Agent.ID, a.Agent.Subject = a.ID, a.Subject
		s.Agents[a.ID] = a.Agent
	}
	return nil
}
