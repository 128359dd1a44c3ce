// SPDX-License-Identifier: EUPL-1.2

package config

import (
	"encoding/json"
	"errors"
	"fmt"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/policy"
)

// FromRows makes a set of what is kept. open unseals the name and login of an account's row; with a nil open they stay
// empty, which is enough for anything but writing accounts.
func FromRows(rows []rivage.SettingRow, open func(*rivage.SettingRow) (name, login string, err error)) (*Documents, error) {
	d := New()
	for i := range rows {
		r := &rows[i]
		doc, err := fromRow(r)
		if err != nil {
			return nil, err
		}
		if a, ok := doc.(*rivage.Account); ok && open != nil {
			if a.Name, a.Login, err = open(r); err != nil {
				return nil, fmt.Errorf("read account %s: %w", r.ID, err)
			}
		}
		k := Key{r.Type, r.ID}
		d.things[k] = doc
		d.streams[streamOf(k)] = r.Version
	}
	return d, nil
}

// fromRow reads a row's document. Keys it does not know are passed over: a later version may have written them.
func fromRow(r *rivage.SettingRow) (any, error) {
	doc := blank(r.Type)
	if doc == nil {
		return nil, fmt.Errorf("read setting %s: unknown type %q", r.ID, r.Type)
	}
	if err := json.Unmarshal(r.Doc, doc); err != nil {
		return nil, fmt.Errorf("read %s %s: %w", r.Type, r.ID, err)
	}
	*idOf(doc) = r.ID
	if a, ok := doc.(*rivage.Account); ok {
		a.Subject = r.Subject
	}
	return doc, nil
}

// Settings makes the live settings and their gate from what is kept. With an error, what it gives still holds all the
// rest: a Principal whose rules do not load is refused everything, a document that cannot be read is missing.
func Settings(rows []rivage.SettingRow) (*rivage.Settings, *policy.Gate, error) {
	s := emptySettings()
	var tables []*policy.Table
	var matrices []*policy.Matrix
	var packs []*policy.Pack
	var closed []rivage.ID
	var errs []error
	for i := range rows {
		r := &rows[i]
		s.Seq = max(s.Seq, r.Seq)
		doc, err := fromRow(r)
		if err != nil {
			errs = append(errs, err)
			switch r.Type {
			case rivage.TypeMatrix:
				closed = append(closed, r.ID) // it bears the id of its Principal
			case rivage.TypeFrame, rivage.TypePack:
				closed = append(closed, rivage.Organisation) // what it stopped or refuses is not known
			case rivage.TypeOpening:
				s.Openings[r.ID] = &rivage.Opening{ID: r.ID} // nobody decided: its site stays closed
			}
			continue
		}
		switch t := doc.(type) {
		case *rivage.RuleSet:
			if table, err := CompileRules(t); err != nil {
				errs = append(errs, err)
			} else {
				tables = append(tables, table)
			}
		case *rivage.AccessMatrix:
			if m, err := CompileMatrix(t); err != nil {
				errs, closed = append(errs, err), append(closed, t.Principal)
			} else {
				matrices = append(matrices, m)
			}
		case *rivage.RulePack:
			if p, err := CompilePack(t); err != nil {
				errs, closed = append(errs, err), append(closed, rivage.Organisation)
			} else {
				packs = append(packs, p)
			}
		}
		hold(s, doc, r.Version)
	}
	return s, policy.NewGate(policy.FrameOf(s, matrices, packs, closed...), tables...), errors.Join(errs...)
}

// Settings makes the settings and the gate that would be in force if the set were applied.
func (d *Documents) Settings() (*rivage.Settings, *policy.Gate, error) {
	rows := make([]rivage.SettingRow, 0, len(d.things))
	for k, doc := range d.things {
		rows = append(rows, rivage.SettingRow{Type: k.Type, ID: k.ID, Of: ownerOf(doc), Version: d.streams[streamOf(k)], Doc: encodeJSON(doc)})
	}
	return Settings(rows)
}

func emptySettings() *rivage.Settings {
	return &rivage.Settings{
		Principals: map[rivage.ID]*rivage.Principal{}, Companies: map[rivage.ID]*rivage.Company{},
		Sites: map[rivage.ID]*rivage.Site{}, Queues: map[rivage.ID]*rivage.Queue{}, Agents: map[rivage.ID]*rivage.Agent{},
		Accounts: map[rivage.ID]*rivage.Account{}, Trunks: map[rivage.ID]*rivage.Trunk{},
		Numbers: map[string]*rivage.Number{}, Flows: map[rivage.ID]*rivage.Flow{}, FlowVersion: map[rivage.ID]int64{},
		Rules: map[rivage.ID]*rivage.RuleSet{}, Prompts: map[rivage.ID]*rivage.Prompt{},
		Matrices: map[rivage.ID]*rivage.AccessMatrix{}, Safeguards: map[rivage.ID]*rivage.Safeguard{},
		Cards: map[rivage.ID]*rivage.CardSource{}, Packs: map[rivage.ID]*rivage.RulePack{}, Rests: map[rivage.ID]*rivage.Rest{},
		Workstations: map[rivage.ID]*rivage.Workstation{}, Exceptions: map[rivage.ID]*rivage.Exception{}, Openings: map[rivage.ID]*rivage.Opening{}, Fields: map[rivage.ID]*rivage.Field{},
	}
}

func hold(s *rivage.Settings, doc any, version int64) {
	switch t := doc.(type) {
	case *rivage.Principal:
		s.Principals[t.ID] = t
	case *rivage.Company:
		s.Companies[t.ID] = t
	case *rivage.Site:
		s.Sites[t.ID] = t
	case *rivage.Queue:
		s.Queues[t.ID] = t
	case *rivage.Account:
		s.Accounts[t.ID] = t
		if t.Agent != nil {
			s.Agents[t.ID] = t.Agent
		}
	case *rivage.Trunk:
		s.Trunks[t.ID] = t
	case *rivage.Number:
		s.Numbers[t.Number] = t
	case *rivage.Flow:
		s.Flows[t.ID], s.FlowVersion[t.ID] = t, version
	case *rivage.RuleSet:
		s.Rules[t.Principal] = t
	case *rivage.Frame:
		s.Frame = t
	case *rivage.AccessMatrix:
		s.Matrices[t.Principal] = t
	case *rivage.Safeguard:
		s.Safeguards[t.ID] = t
	case *rivage.Opening:
		s.Openings[t.ID] = t
	case *rivage.CardSource:
		s.Cards[t.ID] = t
	case *rivage.RulePack:
		s.Packs[t.ID] = t
	case *rivage.Rest:
		s.Rests[t.ID] = t
	case *rivage.Workstation:
		s.Workstations[t.ID] = t
	case *rivage.Exception:
		s.Exceptions[t.ID] = t
	case *rivage.Field:
		s.Fields[t.ID] = t
	case *rivage.Prompt:
		s.Prompts[t.ID] = t
	}
}

// Missing says what keeps a site from being ready, as codes: "sentence_attested_missing" when no prompt tells callers
// where an agent with that evidence sits, "sentence_attested_silent" when the prompt has no audio,
// "sentence_attested_unreadable" when it has some that could not be had when it was to be played. Empty: ready. An agent
// whose session has that evidence is offered nothing meanwhile (promise 6).
func Missing(s *rivage.Settings, site rivage.ID, unread func(audio string) bool) []string {
	var codes []string
	home := s.Sites[site] != nil && s.Sites[site].Telework
	for _, e := range rivage.Evidences {
		if home && e == rivage.Attested {
			continue // nothing attests a home
		}
		switch p := s.Sentence(rivage.Place{Site: site, Evidence: e}); {
		case p == nil:
			codes = append(codes, "sentence_"+string(e)+"_missing")
		case p.Audio == "":
			codes = append(codes, "sentence_"+string(e)+"_silent")
		case unread(p.Audio):
			codes = append(codes, "sentence_"+string(e)+"_unreadable")
		}
	}
	return codes
}
