// SPDX-License-Identifier: EUPL-1.2

// Package config is what people set: it reads and writes the folder form, checks documents against one another, shows
// what would change, and makes the entries that change it.
package config

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"

	"rivage.example/rivage"
)

// Key names one document.
type Key struct {
	Type string // one of rivage.SettingTypes
	ID   rivage.ID
}

// Documents is a set of documents, whole or in part. One goroutine owns it.
type Documents struct {
	things  map[Key]any             // pointers to the types of the root package
	origins map[Key]origin          // where a folder said so; empty for what came from rows
	audio   map[string][]byte       // content of prompts that is not stored yet, by hash
	again   map[Key]bool            // prompts whose audio was given by hand: written even if it is what it was
	streams map[rivage.Stream]int64 // versions as they were read
}

// New returns an empty set.
func New() *Documents {
	return &Documents{
		things: map[Key]any{}, origins: map[Key]origin{}, audio: map[string][]byte{}, again: map[Key]bool{},
		streams: map[rivage.Stream]int64{},
	}
}

// blank is a document of a type with the defaults (docs/words.md), nil for a type that does not exist.
func blank(kind string) any {
	switch kind {
	case rivage.TypePrincipal:
		return &rivage.Principal{}
	case rivage.TypeCompany:
		return &rivage.Company{}
	case rivage.TypeSite:
		return &rivage.Site{}
	case rivage.TypeQueue:
		return &rivage.Queue{
			PriorityStep: 60, OfferTimeout: 15, WrapUp: 60, WrapUpMore: 60, Target: 20, PositionEvery: 90, MaxWaiting: 200,
		}
	case rivage.TypeAccount:
		return &rivage.Account{Lang: "fr"}
	case rivage.TypeTrunk:
		return &rivage.Trunk{Transport: "udp", MaxCalls: 100}
	case rivage.TypeNumber:
		return &rivage.Number{}
	case rivage.TypeFlow:
		return &rivage.Flow{}
	case rivage.TypeRules:
		return &rivage.RuleSet{}
	case rivage.TypeFrame:
		return &rivage.Frame{}
	case rivage.TypeMatrix:
		return &rivage.AccessMatrix{}
	case rivage.TypeSafeguard:
		return &rivage.Safeguard{}
	case rivage.TypeOpening:
		return &rivage.Opening{}
	case rivage.TypeCard:
		return &rivage.CardSource{Timeout: 3, PerHour: 60}
	case rivage.TypeRest:
		return &rivage.Rest{}
	case rivage.TypePack:
		return &rivage.RulePack{}
	case rivage.TypeWorkstation:
		return &rivage.Workstation{}
	case rivage.TypeException:
		return &rivage.Exception{}
	case rivage.TypeField:
		return &rivage.Field{Kind: rivage.FieldText}
	case rivage.TypePrompt:
		return &rivage.Prompt{Lang: "fr", Source: "recorded"}
	}
	return nil
}

// find is a document by its id, nil when there is none.
func find[T any](d *Documents, kind string, id rivage.ID) *T {
	t, _ := d.things[Key{kind, id}].(*T)
	return t
}

// Len is how many documents there are.
func (d *Documents) Len() int { return len(d.things) }

// Keys lists the documents in the order in which they are applied, then by id.
func (d *Documents) Keys() []Key {
	return slices.SortedFunc(maps.Keys(d.things), compareKeys)
}

func compareKeys(x, y Key) int {
	return cmp.Or(
		cmp.Compare(slices.Index(rivage.SettingTypes, x.Type), slices.Index(rivage.SettingTypes, y.Type)),
		cmp.Compare(x.ID, y.ID),
	)
}

// Doc is one document, a pointer to its type of the root package, nil when there is none. It must not be changed.
func (d *Documents) Doc(k Key) any { return d.things[k] }

// Of is whose a document is: its Principal's, or the organisation's. "" when there is no such document.
func (d *Documents) Of(k Key) rivage.ID {
	if d.things[k] == nil {
		return ""
	}
	return ownerOf(d.things[k])
}

func ownerOf(doc any) rivage.ID {
	switch t := doc.(type) {
	case *rivage.Queue:
		return t.Principal
	case *rivage.Number:
		return t.Principal
	case *rivage.Flow:
		return t.Principal
	case *rivage.RuleSet:
		return t.Principal
	case *rivage.AccessMatrix:
		return t.Principal
	case *rivage.Safeguard:
		return t.Principal
	case *rivage.CardSource:
		return t.Principal
	case *rivage.Field:
		return t.Principal
	case *rivage.Prompt:
		return t.Principal
	}
	return rivage.Organisation
}

// Clone copies the set; documents themselves are shared and read-only.
func (d *Documents) Clone() *Documents {
	return &Documents{
		things: maps.Clone(d.things), origins: maps.Clone(d.origins), audio: maps.Clone(d.audio), again: maps.Clone(d.again),
		streams: maps.Clone(d.streams),
	}
}

// Put writes one document as a screen sends it: JSON with the keys of the folder form, unknown ones refused, omitted
// ones at their defaults. An account's name and login stay as they are when omitted; the audio of a prompt too.
func (d *Documents) Put(k Key, doc []byte) error {
	t := blank(k.Type)
	if t == nil {
		return invalid("put %s: want one of %q", k.Type, rivage.SettingTypes)
	}
	var err error
	switch t := t.(type) {
	case *rivage.Account:
		err = d.putAccount(k, t, doc)
	case *rivage.Prompt:
		if err = strictJSON(doc, t); err == nil {
			t.File, t.Audio, t.Source = "", "", "recorded" // PutAudio alone says what is heard and what made it
			if old := find[rivage.Prompt](d, k.Type, k.ID); old != nil {
				t.Audio, t.Source = old.Audio, old.Source
			}
		}
	default:
		err = strictJSON(doc, t)
	}
	if err != nil {
		return invalid("put %s %s: %w", k.Type, k.ID, err)
	}
	switch id := idOf(t); *id {
	case "":
		*id = k.ID
	case k.ID:
	default:
		return invalid("put %s %s: the document says id %q", k.Type, k.ID, *id)
	}
	d.things[k] = t
	delete(d.origins, k)
	return nil
}

// putAccount reads an account with the name and login that only its cells keep.
func (d *Documents) putAccount(k Key, t *rivage.Account, doc []byte) error {
	w := struct {
		*rivage.Account
		Name  *string `json:"name"`
		Login *string `json:"login"`
	}{Account: t}
	if err := strictJSON(doc, &w); err != nil {
		return err
	}
	t.Subject = "" // a screen does not choose whose key seals
	if old := find[rivage.Account](d, k.Type, k.ID); old != nil {
		t.Name, t.Login, t.Subject = old.Name, old.Login, old.Subject
	}
	if w.Name != nil {
		t.Name = *w.Name
	}
	if w.Login != nil {
		t.Login = *w.Login
	}
	return nil
}

// PutAudio gives a prompt its content: A-law, 8 000 Hz, mono. source is "recorded" or "synthesis". The same content given
// again is a change too: it repairs what is stored.
func (d *Documents) PutAudio(prompt rivage.ID, source string, alaw []byte) error {
	old := find[rivage.Prompt](d, rivage.TypePrompt, prompt)
	if old == nil {
		return &rivage.Error{Code: rivage.NotFound, Message: fmt.Sprintf("put audio: there is no prompt %s", prompt)}
	}
	t := *old
	t.Source, t.Audio = source, d.keep(alaw)
	k := Key{rivage.TypePrompt, prompt}
	d.things[k], d.again[k] = &t, true
	return nil
}

// Remove takes a document out of the set.
func (d *Documents) Remove(k Key) {
	delete(d.things, k)
	delete(d.origins, k)
}

// SetVersion says at which version the stream of a document that is not in the set stands: one that was removed before
// and is made again. Without it, making it again is a conflict.
func (d *Documents) SetVersion(k Key, version int64) { d.streams[streamOf(k)] = version }

func streamOf(k Key) rivage.Stream { return rivage.StreamOf("config/"+k.Type, k.ID) }

// idOf points to the id of a document.
func idOf(doc any) *rivage.ID {
	switch t := doc.(type) {
	case *rivage.Principal:
		return &t.ID
	case *rivage.Company:
		return &t.ID
	case *rivage.Site:
		return &t.ID
	case *rivage.Queue:
		return &t.ID
	case *rivage.Account:
		return &t.ID
	case *rivage.Trunk:
		return &t.ID
	case *rivage.Number:
		return &t.ID
	case *rivage.Flow:
		return &t.ID
	case *rivage.RuleSet:
		return &t.ID
	case *rivage.Frame:
		return &t.ID
	case *rivage.AccessMatrix:
		return &t.ID
	case *rivage.Safeguard:
		return &t.ID
	case *rivage.Opening:
		return &t.ID
	case *rivage.CardSource:
		return &t.ID
	case *rivage.RulePack:
		return &t.ID
	case *rivage.Rest:
		return &t.ID
	case *rivage.Workstation:
		return &t.ID
	case *rivage.Exception:
		return &t.ID
	case *rivage.Field:
		return &t.ID
	case *rivage.Prompt:
		return &t.ID
	}
	return new(rivage.ID)
}

func strictJSON(doc []byte, into any) error {
	dec := json.NewDecoder(bytes.NewReader(doc))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		return err
	}
	if _, err := dec.Token(); err != io.EOF {
		return fmt.Errorf("more than one JSON value")
	}
	return nil
}

func invalid(format string, a ...any) error {
	return &rivage.Error{Code: rivage.Invalid, Err: fmt.Errorf(format, a...)}
}
