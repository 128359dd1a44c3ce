// SPDX-License-Identifier: EUPL-1.2

package store

import (
	"slices"

	"rivage.example/rivage"
)

// personErased marks the person and the recordings. That bodies, cells, indexes and keys go is not a fold: after it, a
// rebuild finds none.
func (s *state) personErased(e *event, f *rivage.PersonErased) error {
	if err := e.on("person", f.Person); err != nil {
		return err
	}
	if p := s.persons.edit(f.Person); p != nil {
		p.ErasedAt = e.at
	}
	if len(f.Subjects) == 0 {
		return nil
	}
	in, args := idList(1, f.Subjects)
	s.do(`UPDATE object SET state='erased' WHERE subject IN (`+in+`)`, args...)
	editWhere(&s.objects, func(o *rivage.ObjectRow) bool { return slices.Contains(f.Subjects, o.Subject) },
		func(o *rivage.ObjectRow) { o.State = "erased" })
	return nil
}

// erase destroys what was sealed under subjects: bodies, cells and their copies, indexes, keys (GDPR art. 17). It runs
// after the rows of the same append are folded.
func (s *state) erase(subjects []rivage.ID) {
	if len(subjects) == 0 {
		return
	}
	in, args := idList(1, subjects)
	for _, text := range []string{
		`DELETE FROM body WHERE subject IN (`,
		`DELETE FROM cell WHERE subject IN (`,
		`DELETE FROM body_index WHERE subject IN (`,
		`DELETE FROM subject_index WHERE subject IN (`,
		`UPDATE interaction SET caller=NULL, note=NULL WHERE subject IN (`,
		`UPDATE setting SET name=NULL, login=NULL WHERE subject IN (`,
		`UPDATE person_value SET sealed=NULL WHERE subject IN (`,
		`UPDATE organisation SET name=NULL, siren=NULL WHERE subject IN (`,
	} {
		s.do(text+in+`)`, args...)
	}
	editWhere(&s.interactions, func(r *rivage.InteractionRow) bool { return slices.Contains(subjects, r.Subject) },
		func(r *rivage.InteractionRow) { r.Caller, r.Note = nil, nil })
	editWhere(&s.settings, func(r *settingRow) bool { return slices.Contains(subjects, r.Subject) },
		func(r *settingRow) { r.Name, r.Login = nil, nil })
	editWhere(&s.values, func(r *valueRow) bool { return slices.Contains(subjects, r.Subject) },
		func(r *valueRow) { r.Sealed = nil })
	editWhere(&s.companies, func(r *rivage.OrganisationRow) bool { return slices.Contains(subjects, r.Subject) },
		func(r *rivage.OrganisationRow) { r.Name, r.SIREN = nil, nil })
	for _, id := range subjects {
		s.keys.drop(id)
	}
}

// editWhere changes the rows in memory that a statement will change in the database, so that writing them does not
// undo it.
func editWhere[K ~string, R any](t *rows[K, R], match func(*R) bool, change func(*R)) {
	for k, r := range t.kept {
		if _, drafted := t.draft[k]; !drafted && r != nil && match(r) {
			change(t.edit(k))
		}
	}
	for _, r := range t.draft {
		if r != nil && match(r) {
			change(r)
		}
	}
}

// idList lists ids for an IN, as listOf.
func idList(from int, ids []rivage.ID) (string, []any) {
	in, padded := listOf(from, ids)
	args := make([]any, len(padded))
	for i, id := range padded {
		args[i] = string(id)
	}
	return in, args
}
