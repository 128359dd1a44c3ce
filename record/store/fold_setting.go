// SPDX-License-Identifier: EUPL-1.2

package store

import (
	"encoding/json"

	"rivage.example/rivage"
)

func (s *state) agentStateSet(e *event, f *rivage.AgentStateSet) error {
	if err := e.on("agent", f.Agent); err != nil {
		return err
	}
	r := &rivage.AgentRow{
		Agent: f.Agent, State: f.State, Reason: f.Reason, Since: f.Since, Interaction: f.Interaction, Offer: f.Offer,
		Deadline: f.Deadline, Session: f.Session, Device: f.Device, Place: f.Place, IdleSince: f.IdleSince,
	}
	s.agents.put(r)
	return nil
}

// settingSet keeps the last version of a thing. A name or login not given again stays, as long as the subject does.
func (s *state) settingSet(e *event, f *rivage.SettingSet) error {
	name := settingStream(f.Type, f.ID)
	if e.stream != name {
		return invalid("%s belongs to stream %s, not %s", f.Kind(), name, e.stream)
	}
	// The facts' encoder compacts the document; the same form here makes a rebuilt row equal.
	doc, err := json.Marshal(f.Doc)
	if err != nil {
		return invalid("document of %s: %v", name, err)
	}
	r := &settingRow{Stream: name, SettingRow: rivage.SettingRow{
		Type: f.Type, ID: f.ID, Of: f.Of, Version: f.Version, Doc: doc, Subject: subjectOfDoc(f.Type, doc), Seq: e.seq,
	}}
	if old := s.settings.at(name); old != nil && old.Subject == r.Subject {
		r.Name, r.Login = old.Name, old.Login
	}
	if r.Subject != "" {
		s.own(e, r)
	}
	s.settings.put(r)
	return nil
}

// own gives an account the cells and indexes of its own subject. New indexes take the place of the old ones: nobody
// signs in under a login that was changed.
func (s *state) own(e *event, r *settingRow) {
	if s.subjects.at(r.Subject) == nil {
		s.subjects.put(&subjectRow{ID: r.Subject, Principal: r.Of, Seq: e.seq})
	}
	if e.subject != r.Subject {
		return
	}
	if c := e.cell("name"); c != nil {
		r.Name = c
	}
	if c := e.cell("login"); c != nil {
		r.Login = c
	}
	if len(e.indexes) > 0 {
		s.do(`DELETE FROM subject_index WHERE subject=$1`, string(r.Subject))
	}
}

func (s *state) settingRemoved(e *event, f *rivage.SettingRemoved) error {
	name := settingStream(f.Type, f.ID)
	if e.stream != name {
		return invalid("%s belongs to stream %s, not %s", f.Kind(), name, e.stream)
	}
	old := s.settings.at(name)
	if old == nil {
		return invalid("%s is not there to be removed", name)
	}
	if old.Subject != "" {
		s.do(`DELETE FROM subject_index WHERE subject=$1`, string(old.Subject))
	}
	s.settings.drop(name)
	return nil
}
