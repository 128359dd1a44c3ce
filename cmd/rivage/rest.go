// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/policy"
)

// declaredPlace is a place of rest by its id.
type declaredPlace struct {
	rest rivage.ID
	rivage.Place
}

// backupPlace is the declared place that a backup goes to. Without a client organisation there is nothing to protect yet,
// and no place is asked for.
func (i *instance) backupPlace(ctx context.Context, out string, id rivage.ID) (declaredPlace, error) {
	head, err := i.store.Head(ctx)
	if err != nil {
		return declaredPlace{}, err
	}
	s, gate, err := settingsAt(ctx, i.store, head.Size)
	if err != nil {
		return declaredPlace{}, err
	}
	if len(s.Principals) == 0 && id == "" {
		return declaredPlace{}, nil
	}
	r, err := chooseBackup(s, id)
	if err != nil {
		return declaredPlace{}, err
	}
	if err := i.within(r.At, out); err != nil {
		return declaredPlace{}, err
	}
	place := s.PlaceOf(r)
	if faults := gate.RestsAt(s, r, i.clock.Now()); len(faults) > 0 {
		return declaredPlace{}, &rivage.Error{Code: rivage.Denied, Decision: &faults[0].Decision, Message: fmt.Sprintf(
			"write backup: data of class %q of %q may not rest at %q: %s", faults[0].Held.Class, faults[0].Held.Principal, r.ID, faults[0].Decision.Reason)}
	}
	return declaredPlace{r.ID, place}, nil
}

// chooseBackup is the place of an id, or the only one there is.
func chooseBackup(s *rivage.Settings, id rivage.ID) (*rivage.Rest, error) {
	all := idsOf(s, rivage.RestBackup)
	switch {
	case id == "" && len(all) == 1:
		return s.Rests[all[0]], nil
	case len(all) == 0:
		return nil, &rivage.Error{Code: rivage.Denied, Message: `write backup: no place of rest is declared for backups: declare one under rest/ (what = "backup")`}
	case id == "":
		return nil, usageError{fmt.Errorf("--place is missing: one of %q", all)}
	case !slices.Contains(all, id):
		return nil, &rivage.Error{Code: rivage.Denied, Message: fmt.Sprintf("write backup: %q is not a declared place for backups, want one of %q", id, all)}
	}
	return s.Rests[id], nil
}

// within refuses a file outside the folder of its place, which is relative to the instance's. A place without a folder is
// known by the organisation's word alone.
func (i *instance) within(folder, out string) error {
	if folder == "" {
		return nil
	}
	root, err := filepath.Abs(i.machine.path(folder))
	file, err2 := filepath.Abs(out)
	if err := errors.Join(err, err2); err != nil {
		return err
	}
	if rel, err := filepath.Rel(root, file); err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return &rivage.Error{Code: rivage.Denied, Message: fmt.Sprintf("write backup: %s is not in %s, the folder of the declared place", out, root)}
	}
	return nil
}

// classesIn lists the classes that are written to a kind of place, without their Principals.
func classesIn(s *rivage.Settings, what string) []string {
	var list []string
	for _, class := range rivage.DataClasses {
		if slices.ContainsFunc(policy.HeldBy(s), func(h policy.Held) bool { return h.Class == class && h.In(what) }) {
			list = append(list, string(class))
		}
	}
	return list
}
