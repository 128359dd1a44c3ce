// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"testing"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/policy"
	"rivage.example/rivage/engine/view"
)

// A field of a call, and an export, are decided again from the log: with the class of the queue in which the call waited,
// under the rules of that moment and not of today, and with the documents that decided.
func TestADecisionOfTheLogIsMadeAgain(t *testing.T) {
	dir := t.TempDir() + "/i"
	if err := makeSample(dir); err != nil {
		t.Fatal(err)
	}
	err := withSample(dir, func(i *instance) error {
		ctx, j := context.Background(), newJournal(i.vault, i.store)
		size := i.store.Size()
		settings, gate, err := settingsAt(ctx, i.store, size)
		if err != nil {
			return err
		}
		place := placeOf(settings, "brest", rivage.Declared)
		asked := policy.Request{Principal: "messagerie", Action: rivage.ActField, Class: rivage.ClassTracking, Mode: rivage.ModeView, Purpose: rivage.PurposeService, Place: place, Field: "caller", Queue: "colis"}
		d := gate.Decide(asked, i.clock.Now())
		stream := rivage.StreamOf("interaction", "call-1")
		opened := rivage.Entry{Stream: stream, Principal: "messagerie", At: i.clock.Now(), Facts: &rivage.InteractionOpened{
			Interaction: "call-1", Person: "p-1", Subject: "s-1", New: true, Channel: rivage.ChannelVoice, Number: "+33298000000", Flow: "accueil", Class: "public", CallerLeg: "leg-1",
		}}
		shown := rivage.Entry{
			Stream: stream, Principal: "messagerie", At: i.clock.Now(), Facts: &rivage.FieldShown{Account: "a", Interaction: "call-1", Field: "caller", Allowed: true},
			Leaf: rivage.Leaf{Role: "agent", Site: "brest", Country: "FR", Evidence: rivage.Declared, Field: "caller", Mode: rivage.ModeView, Purpose: rivage.PurposeService, Rule: d.Rule, Rules: d.Rules},
		}
		if _, err := j.Append(ctx, rivage.Append{NewSubjects: []rivage.ID{"s-1"}, Entries: []rivage.Entry{
			opened, {Stream: stream, Principal: "messagerie", At: i.clock.Now(), Facts: &rivage.InteractionQueued{Interaction: "call-1", Queue: "colis"}}, shown,
		}}); err != nil {
			return err
		}
		seq := size + 2
		again, err := redecide(ctx, i.store, seq)
		if err != nil || again.Request != asked || again.Decision != d || len(again.InForce) < 2 || len(again.Rules) == 0 {
			t.Errorf("%v\ngot  %+v\nwant %+v\n%+v", err, again, asked, d)
		}
		for _, v := range again.InForce {
			if v.Type == rivage.TypeRules && v.ID != "messagerie" || v.Version < 1 || v.Seq >= seq {
				t.Errorf("%+v decided for messagerie", v)
			}
		}
		if _, err := redecide(ctx, i.store, size); rivage.CodeOf(err) != rivage.NotFound {
			t.Errorf("a call that waits is no decision of the gate: %v", err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A field of a card is decided again with the declaration of its source as it stood, and names the source among what decided.
func TestACardOfTheLogIsDecidedAgainWithItsConnection(t *testing.T) {
	withHouse(t, func(h *house) error {
		ctx, now := t.Context(), h.clock.Now()
		show := func(class rivage.DataClass) (rivage.Seq, error) {
			r, err := h.journal.Append(ctx, rivage.Append{Entries: []rivage.Entry{{
				Stream: "person/p-1", Principal: "messagerie", At: now, Facts: &rivage.FieldShown{Account: "a", Field: "colis.town"},
				Leaf: rivage.Leaf{Role: "agent", Site: "brest", Country: "FR", Evidence: rivage.Declared, Class: class, Mode: rivage.ModeView, Purpose: rivage.PurposeService},
			}}})
			return r.First, err
		}
		declare := func(change func(*rivage.Declaration)) error {
			src := *h.settings.Settings().Cards["colis"]
			d := *src.Declared
			change(&d)
			src.Declared = &d
			doc, err := json.Marshal(&src)
			if err != nil {
				return err
			}
			_, err = h.journal.Append(ctx, rivage.Append{Entries: []rivage.Entry{{
				Stream: "config/card/colis", Principal: "messagerie", At: now,
				Facts: &rivage.SettingSet{Type: rivage.TypeCard, ID: "colis", Of: "messagerie", Version: 2, Doc: doc},
			}}})
			return err
		}
		check := func(name string, seq rivage.Seq, rule string) {
			again, err := redecide(ctx, h.store, seq)
			if err != nil || again.Decision.Allowed != (rule == "") || rule != "" && again.Decision.Rule != rule {
				t.Errorf("%s: %+v, %v", name, again.Decision, err)
				return
			}
			if last := again.Bounds[len(again.Bounds)-1]; last.Layer != policy.LayerConnection {
				t.Errorf("%s: the layers end with %+v", name, last)
			}
			if !slices.ContainsFunc(again.InForce, func(v view.InForce) bool { return v.Type == rivage.TypeCard && v.ID == "colis" }) {
				t.Errorf("%s: the source does not stand among what decided", name)
			}
		}
		open, err := show(rivage.ClassTracking)
		if err == nil {
			err = declare(func(d *rivage.Declaration) { d.Until = "2026-01-02" })
		}
		ended, err2 := show(rivage.ClassTracking)
		err = errors.Join(err, err2, declare(func(d *rivage.Declaration) { d.Classes = []rivage.DataClass{rivage.ClassCommercial} }))
		other, err2 := show(rivage.ClassTracking)
		if err = errors.Join(err, err2); err != nil {
			return err
		}
		check("as declared", open, "")
		check("past its end", ended, policy.RuleEnded)
		check("of a class that is not declared", other, policy.RuleClass)
		return nil
	})
}

// A session that stated Brest from a network of Lomé is refused again by the rule that refuses Lomé.
func TestADecisionIsMadeAgainWithTheNetworkThatWasSeen(t *testing.T) {
	withHouse(t, func(h *house) error {
		for seen, rule := range map[rivage.Country]string{"": "", "TG": "colis-lome-champs"} {
			r, err := h.journal.Append(t.Context(), rivage.Append{Entries: []rivage.Entry{{
				Stream: "person/p-1", Principal: "messagerie", At: h.clock.Now(), Facts: &rivage.FieldShown{Account: "a", Field: "caller", Seen: seen},
				Leaf: rivage.Leaf{
					Role: "agent", Site: "brest", Evidence: rivage.Unknown, Class: rivage.ClassTracking, Mode: rivage.ModeView, Purpose: rivage.PurposeService,
				},
			}}})
			if err != nil {
				return err
			}
			again, err := redecide(t.Context(), h.store, r.First)
			if err != nil || again.Request.Place.Seen != seen || again.Decision.Allowed || again.Decision.Rule != rule {
				t.Errorf("seen %q: %+v, %v, want refused by %q", seen, again.Decision, err, rule)
			}
		}
		return nil
	})
}
