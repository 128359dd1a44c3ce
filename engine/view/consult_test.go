// SPDX-License-Identifier: EUPL-1.2

package view

import (
	"strings"
	"testing"
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/policy"
)

// bounded puts a matrix with one answer for every view above the rules of a world.
func bounded(t *testing.T, w *world, answer string) {
	t.Helper()
	rows := policy.Rows{}
	for _, class := range rivage.DataClasses {
		rows[class] = map[rivage.Zone]map[string][]string{}
		for _, zone := range rivage.Zones {
			rows[class][zone] = map[string][]string{}
			for _, exposure := range policy.Exposures {
				rows[class][zone][exposure] = []string{"full", answer, "full", "full", "full"}
			}
		}
	}
	m, err := policy.NewMatrix("colis", rows)
	if err != nil {
		t.Fatal(err)
	}
	table, err := policy.Compile("colis", []policy.Rule{allow("regle-colis", rivage.ZoneFR)})
	if err != nil {
		t.Fatal(err)
	}
	w.settings.Companies["ponant"].Country = "FR"
	w.gate = policy.NewGate(policy.FrameOf(&w.settings, []*policy.Matrix{m}, nil), table)
}

// shownTo asks for the caller's number as Ana, and gives the field and how its entry calls it.
func shownTo(t *testing.T, w *world, v *View) (Field, string) {
	t.Helper()
	got, err := v.Fields(t.Context(), agentAna(), "i-c-talk", []string{FieldCaller})
	if err != nil {
		t.Fatal(err)
	}
	e := w.appended[len(w.appended)-1].Entries[0]
	return got[0], e.Leaf.Outcome
}

func TestAMaskedFieldHoldsPartsOnly(t *testing.T) {
	w := newWorld(t)
	bounded(t, w, "masked")
	f, outcome := shownTo(t, w, w.view())
	if !f.Allowed || !f.Masked || f.Value == nil || *f.Value != "+33 ••• 01" || outcome != "masked" {
		t.Errorf("got %s (%s)", textOf(t, f), outcome)
	}
	for value, want := range map[string]string{"Rappeler le fils, 06 12": "•••", "112": "•••", "": "•••", "0033600000001": "•••", "1850578006084": "•••", "19850512": "•••", "06+12345678": "•••"} {
		if got := masked(value); got != want {
			t.Errorf("%q is shown as %q, want %q", value, got, want)
		}
	}
}

func TestAFieldForRemoteViewingLeavesNoText(t *testing.T) {
	for answer, drawn := range map[string]string{"remote": callerNumber, "masked-remote": "+33 ••• 01"} {
		w := newWorld(t)
		bounded(t, w, answer)
		v := w.view()
		f, outcome := shownTo(t, w, v)
		if !f.Allowed || !f.Remote || f.Value != nil || strings.Contains(textOf(t, f), "0000001") || outcome != "remote" {
			t.Fatalf("%s: got %s (%s)", answer, textOf(t, f), outcome)
		}
		token, ok := strings.CutPrefix(f.Image, imagePath)
		if !ok {
			t.Fatalf("%s: the image is at %q", answer, f.Image)
		}
		other, moved := agentAna(), agentAna()
		other.Session, moved.Place.Evidence = "another", rivage.Declared
		if _, err := v.Pane(other, token); rivage.CodeOf(err) != rivage.NotFound {
			t.Errorf("%s: another session draws it: %v", answer, err)
		}
		if got, err := v.Pane(agentAna(), token); got != drawn || err != nil {
			t.Errorf("%s: drawn %q, %v", answer, got, err)
		}
		for _, again := range []string{token, "", "x"} {
			if _, err := v.Pane(agentAna(), again); rivage.CodeOf(err) != rivage.NotFound {
				t.Errorf("%s: %q is drawn: %v", answer, again, err)
			}
		}
		f, _ = shownTo(t, w, v)
		if _, err := v.Pane(moved, strings.TrimPrefix(f.Image, imagePath)); rivage.CodeOf(err) != rivage.NotFound {
			t.Errorf("%s: drawn at another place: %v", answer, err)
		}
		f, _ = shownTo(t, w, v)
		w.settings.Frame = &rivage.Frame{Profile: rivage.Souverain, Stopped: []rivage.Country{"FR"}}
		bounded(t, w, answer) // stopped between the decision and the image
		if _, err := v.Pane(agentAna(), strings.TrimPrefix(f.Image, imagePath)); rivage.CodeOf(err) != rivage.Denied {
			t.Errorf("%s: drawn from a country that is stopped: %v", answer, err)
		}
		w.settings.Frame = nil
		bounded(t, w, answer)
		f, _ = shownTo(t, w, v)
		bounded(t, w, "masked-remote") // ordered since
		if got, err := v.Pane(agentAna(), strings.TrimPrefix(f.Image, imagePath)); got != "+33 ••• 01" || err != nil {
			t.Errorf("%s: drawn %q, %v after masking was ordered", answer, got, err)
		}
		bounded(t, w, answer)
		f, _ = shownTo(t, w, v)
		w.now = w.now.Add(paneLife)
		if _, err := v.Pane(agentAna(), strings.TrimPrefix(f.Image, imagePath)); rivage.CodeOf(err) != rivage.NotFound {
			t.Errorf("%s: drawn too late: %v", answer, err)
		}
	}
}

func TestOneCaseAtATimeIsLookedAt(t *testing.T) {
	var p panes
	u, now := agentAna(), day
	of := func(id rivage.ID) policy.Request { return policy.Request{Target: id, Place: brest()} }
	first, same := p.put(u, of("one"), "a", false, now), p.put(u, of("one"), "b", false, now)
	if v, ok := p.take(u, same, now); !ok || v.value != "b" {
		t.Errorf("the second field of a case: %+v %v", v, ok)
	}
	second := p.put(u, of("two"), "c", false, now)
	if _, ok := p.take(u, first, now); ok {
		t.Error("the case before is still open")
	}
	if v, ok := p.take(u, second, now); !ok || v.value != "c" {
		t.Errorf("the case in hand: %+v %v", v, ok)
	}
	p.put(u, of("two"), "d", false, now)
	v := agentAna()
	v.Session = "other"
	p.put(v, of("one"), "e", false, now.Add(time.Minute))
	if len(p.of) != 1 {
		t.Errorf("%d sessions are kept, want the one that may still ask", len(p.of))
	}
	last := ""
	for range maxPanes + 1 {
		last = p.put(v, of("one"), "f", false, now.Add(time.Minute))
	}
	if n := len(p.of["other"].panes); n > maxPanes {
		t.Errorf("%d fields wait", n)
	}
	if _, ok := p.take(v, last, now.Add(time.Minute)); !ok {
		t.Error("the limit took the last instead of the oldest")
	}
	for range 3 * maxPanes { // drawn at once, they do not add up
		if _, ok := p.take(v, p.put(v, of("one"), "g", false, now.Add(time.Minute)), now.Add(time.Minute)); !ok {
			t.Fatal("a field that was just put is gone")
		}
	}
}

func TestWhoSitsInAStoppedCountryIsToldSo(t *testing.T) {
	w := newWorld(t)
	u := agentAna()
	stopped := func() bool {
		f, err := w.view().Frame(t.Context(), u)
		if err != nil {
			t.Fatal(err)
		}
		return f.Stopped
	}
	if stopped() {
		t.Error("nothing is stopped")
	}
	w.settings.Frame = &rivage.Frame{Profile: rivage.Encadre, Stopped: []rivage.Country{"TG"}}
	u.Place.Seen = "TG" // from Lomé's network, whatever is stated
	if !stopped() {
		t.Error("who comes from Lomé's network is not told")
	}
	u.Place = rivage.Place{Country: "TG", Evidence: rivage.Declared}
	if !stopped() {
		t.Error("Lomé is not told")
	}
	u.Place.Country = "FR"
	if stopped() {
		t.Error("France is told")
	}
}
