// SPDX-License-Identifier: EUPL-1.2

package storetest

import (
	"encoding/json"
	"time"

	"rivage.example/rivage"
)

// Set is the append of one setting's version.
func Set(kind string, id, of rivage.ID, version int64, at time.Time, doc any) rivage.SealedAppend {
	text, err := json.Marshal(doc)
	if err != nil {
		text = nil // no document of these tests fails to encode; the store refuses an empty one
	}
	stream := rivage.Stream("config/" + kind + "/" + string(id))
	return rivage.SealedAppend{Entries: []rivage.SealedEntry{Entry(stream, of, at, &rivage.SettingSet{
		Type: kind, ID: id, Of: of, Version: version, Doc: text, By: "admin",
	})}}
}

// SetAccount is an account with its name and login as cells of its own subject, and the login's blind index.
func SetAccount(id, subject rivage.ID, login string, version int64, at time.Time) rivage.SealedAppend {
	a := Set(rivage.TypeAccount, id, rivage.Organisation, version, at, &rivage.Account{
		ID: id, Subject: subject, Lang: "fr", Roles: []rivage.Role{{Name: "agent", Queues: []rivage.ID{"colis"}}},
		Agent: &rivage.Agent{Site: "brest", Queues: []rivage.ID{"colis"}, Device: rivage.Device{Kind: "browser"}},
	})
	if version == 1 {
		a.Keys = []rivage.SubjectKey{Key(subject)}
	}
	if login != "" {
		e := &a.Entries[0]
		Seal(e, subject, `{"login":"`+login+`"}`, rivage.Cell{Name: "name", Value: []byte("Name of " + login)},
			rivage.Cell{Name: "login", Value: []byte(login)})
		e.Indexes = []rivage.Index{{Kind: "login", Value: Blind(rivage.Organisation, "login", login)}}
	}
	return a
}

// SetQueue is a queue with a target in seconds.
func SetQueue(id, principal rivage.ID, target int, at time.Time) rivage.SealedAppend {
	return Set(rivage.TypeQueue, id, principal, 1, at, &rivage.Queue{
		ID: id, Principal: principal, Name: "Suivi <colis> & retours", Class: rivage.ClassTracking, Target: target, WrapUp: 60,
	})
}

// Remove removes a setting.
func Remove(kind string, id, of rivage.ID, at time.Time) rivage.SealedAppend {
	stream := rivage.Stream("config/" + kind + "/" + string(id))
	return rivage.SealedAppend{Entries: []rivage.SealedEntry{Entry(stream, of, at, &rivage.SettingRemoved{
		Type: kind, ID: id, Of: of, By: "admin",
	})}}
}
