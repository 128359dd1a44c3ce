// SPDX-License-Identifier: EUPL-1.2

package store

import (
	"encoding/json"
	"fmt"
	"slices"

	"rivage.example/rivage"
)

// event is what folds read of an entry: facts, cells and blind indexes, never a body. Rows follow from events alone: no
// clock, no randomness, no key.
type event struct {
	seq       rivage.Seq
	stream    rivage.Stream
	principal rivage.ID
	at        rivage.Micros // when it happened: late entries tell their own time, not the journal's
	facts     rivage.Facts
	subject   rivage.ID // under whose key cells are sealed and whom indexes find
	cells     []rivage.Cell
	indexes   []rivage.Index
}

// cell gives a sealed cell; nil when there is none, as after an erasure.
func (e *event) cell(name string) []byte {
	for _, c := range e.cells {
		if c.Name == name {
			return c.Value
		}
	}
	return nil
}

// fold changes the rows an event speaks of.
func (s *state) fold(e *event) error {
	var err error
	switch f := e.facts.(type) {
	case *rivage.InteractionOpened:
		err = s.opened(e, f)
	case *rivage.RecordingStarted:
		err = s.recordingStarted(e, f)
	case *rivage.RecordingEnded:
		err = s.recordingEnded(e, f)
	case *rivage.RecordingExpired:
		err = s.recordingExpired(e, f)
	case *rivage.AgentStateSet:
		err = s.agentStateSet(e, f)
	case *rivage.PlaceContradicted:
		err = s.placeContradicted(e, f)
	case *rivage.ContradictionSeen:
		err = s.contradictionSeen(e, f)
	case *rivage.AccessUnusual:
		err = s.accessUnusual(e, f)
	case *rivage.UnusualSeen:
		err = s.unusualSeen(e, f)
	case *rivage.SettingSet:
		err = s.settingSet(e, f)
	case *rivage.SettingRemoved:
		err = s.settingRemoved(e, f)
	case *rivage.PersonErased:
		err = s.personErased(e, f)
	case *rivage.PersonKept:
		err = s.personKept(e, f)
	case *rivage.PersonsMerged:
		err = s.personsMerged(e, f)
	case *rivage.MergeUndone:
		err = s.mergeUndone(e, f)
	case *rivage.OrganisationKept:
		err = s.organisationKept(e, f)
	case *rivage.PersonJoined:
		err = s.belongs(e, f.Person, f.Organisation)
	case *rivage.PersonLeft:
		err = s.personLeft(e, f)
	case *rivage.OrganisationErased:
		err = s.organisationErased(e, f)
	default:
		err = s.interactionMoved(e)
	}
	if err != nil {
		return err
	}
	for _, x := range e.indexes {
		s.do(`INSERT INTO subject_index(principal,kind,bidx,subject) VALUES($1,$2,$3,$4) ON CONFLICT DO NOTHING`,
			string(e.principal), x.Kind, []byte(x.Value), string(e.subject))
	}
	return nil
}

// needs says which rows an event's fold will ask for.
func (s *state) needs(f rivage.Facts) {
	switch f := f.(type) {
	case *rivage.InteractionOpened:
		s.interactions.need(f.Interaction)
		s.persons.need(f.Person)
		s.subjects.need(f.Subject)
	case *rivage.RecordingStarted:
		s.interactions.need(f.Interaction)
		s.objects.need(f.Object)
	case *rivage.RecordingEnded:
		s.interactions.need(f.Interaction)
		s.objects.need(f.Object)
	case *rivage.RecordingExpired:
		s.interactions.need(f.Interaction)
		s.objects.need(f.Object)
	case *rivage.AgentStateSet:
		s.agents.need(f.Agent)
	case *rivage.PlaceContradicted:
		s.contradictions.need(f.Account)
	case *rivage.ContradictionSeen:
		s.contradictions.need(f.Account)
	case *rivage.AccessUnusual:
		s.unusuals.need(unusualID(f.Account, f.What))
	case *rivage.UnusualSeen:
		s.unusuals.need(unusualID(f.Account, f.What))
	case *rivage.SettingSet:
		s.settings.need(settingStream(f.Type, f.ID))
		s.subjects.need(subjectOfDoc(f.Type, f.Doc))
	case *rivage.SettingRemoved:
		s.settings.need(settingStream(f.Type, f.ID))
	case *rivage.PersonErased:
		s.persons.need(f.Person)
	case *rivage.PersonKept:
		s.persons.need(f.Person)
		s.subjects.need(f.Subject)
		for _, field := range slices.Concat(f.Set, f.Cleared) {
			s.values.need(valueID(f.Subject, field))
		}
	case *rivage.PersonsMerged:
		s.needMerge(f.From, f.Into, f.Subjects)
	case *rivage.MergeUndone:
		s.needMerge(f.From, f.Into, f.Subjects)
	case *rivage.OrganisationKept:
		s.companies.need(f.Organisation)
		s.subjects.need(f.Subject)
	case *rivage.PersonJoined:
		s.persons.need(f.Person)
		s.companies.need(f.Organisation)
	case *rivage.PersonLeft:
		s.persons.need(f.Person)
		for _, id := range f.Others {
			s.persons.need(id)
		}
	case *rivage.OrganisationErased:
		s.companies.need(f.Organisation)
		s.left = append(s.left, f.Organisation)
	default:
		s.interactions.need(interactionOf(f))
	}
}

// on refuses an entry that does not stand in the stream of what it changes: the stream's version would not protect it.
func (e *event) on(family string, id rivage.ID) error {
	if want := rivage.StreamOf(family, id); e.stream != want {
		return invalid("%s belongs to stream %s, not %s", e.facts.Kind(), want, e.stream)
	}
	return nil
}

func settingStream(kind string, id rivage.ID) rivage.Stream {
	return rivage.Stream("config/" + kind + "/" + string(id))
}

// subjectOfDoc is the subject that seals a setting's name and login: accounts only. It is in the document and not with
// the cells because an erasure removes those.
func subjectOfDoc(kind string, doc json.RawMessage) rivage.ID {
	if kind != rivage.TypeAccount {
		return ""
	}
	var d struct {
		Subject rivage.ID `json:"subject"`
	}
	if json.Unmarshal(doc, &d) != nil {
		return "" // settingSet refuses the document itself
	}
	return d.Subject
}

func invalid(format string, args ...any) error {
	return &rivage.Error{Code: rivage.Invalid, Message: "append: " + fmt.Sprintf(format, args...)}
}
