// SPDX-License-Identifier: EUPL-1.2

package policy

import (
	"slices"
	"strings"
	"testing"
	"time"

	"rivage.example/rivage"
)

// row is a whole row, changed.
func row(id string, change func(*PackRow)) PackRow {
	r := PackRow{
		ID: id, Jurisdiction: "FR", LegalRef: "art. 1", Text: "Un texte.", Status: PackUnverified, Confidence: "memory_high",
		Source: "de mémoire", Effect: PackNone,
	}
	if change != nil {
		change(&r)
	}
	return r
}

// ownPack is one of an organisation: two versions of a refusal, a requirement, what is only proposed, what was repealed.
func ownPack(t testing.TB) *Pack {
	t.Helper()
	p, err := NewPack("maison", []PackRow{
		row("vue", func(r *PackRow) {
			r.Effect, r.ValidFrom, r.ValidTo = PackRefuse, "2026-06-01", "2026-11-28"
			r.Classes, r.Zones, r.Columns = []rivage.DataClass{rivage.ClassCommercial}, []rivage.Zone{rivage.ZoneEU}, []Column{ColumnView}
			r.Exposures = []string{Exposed}
		}),
		row("vue", func(r *PackRow) {
			r.Effect, r.ValidFrom = PackRefuse, "2026-11-29"
			r.Classes = []rivage.DataClass{rivage.ClassCommercial}
		}),
		row("copie", func(r *PackRow) {
			r.Effect, r.Safeguards = PackRequire, []rivage.SafeguardKind{rivage.SafeguardReview, rivage.SafeguardNotice}
			r.Columns, r.Zones = []Column{ColumnCopy}, []rivage.Zone{rivage.ZoneAdequate, rivage.ZoneFROMHorsUE}
		}),
		row("projet", func(r *PackRow) { r.Effect, r.Status = PackRefuse, PackProposal }),
		row("ancien", func(r *PackRow) {
			r.Effect, r.Status, r.Confidence, r.ValidTo = PackRefuse, PackRepealed, Official, "2026-03-31"
			r.Classes, r.Columns = []rivage.DataClass{rivage.ClassPublic}, []Column{ColumnVoice}
		}),
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// naivePacks reads the packs as sentences: health rests in the EEA only (packs/fr.csv), and those of ownPack.
func naivePacks(r Request, at time.Time, clean bool, valid func(rivage.SafeguardKind) bool) bool {
	day, record := at.UTC().Format(time.DateOnly), r.Action == rivage.ActRecord
	away := map[rivage.Country]bool{"CH": true, "US": true, "PM": true, "TG": true}[r.Place.Country]
	switch {
	case record && r.Class == rivage.ClassHealth && away:
		return false
	case r.Class == rivage.ClassCommercial && day >= "2026-11-29":
		return false
	case r.Class == rivage.ClassCommercial && day >= "2026-06-01" && r.Place.Country == "PT" && !clean && !record && r.Mode == rivage.ModeView:
		return false
	case r.Class == rivage.ClassPublic && day <= "2026-03-31" && !record && r.Mode == rivage.ModeVoice:
		return false
	case (r.Place.Country == "CH" || r.Place.Country == "PM") && !record && r.Mode == rivage.ModeCopy:
		return valid(rivage.SafeguardReview) && valid(rivage.SafeguardNotice)
	}
	return true
}

func TestThePacksOfTheProgramLoad(t *testing.T) {
	list, err := ours()
	if err != nil {
		t.Fatal(err)
	}
	var rows []PackRow
	for _, p := range list {
		for _, r := range p.Rows() {
			if Overlap(rows, &r) >= 0 {
				t.Errorf("%s %s: the rule is in another pack too", p.ID(), r.ID)
			}
			if r.ReviewDue == "" {
				t.Errorf("%s %s: nobody is to review it", p.ID(), r.ID)
			}
			if p.ID() == "us" && r.Status != PackProposal {
				t.Errorf("%s %s is %s: the pack is off as long as its rows are proposals", p.ID(), r.ID, r.Status)
			}
			rows = append(rows, r)
		}
	}
	for _, s := range NewGate(FrameOf(&rivage.Settings{}, nil, nil)).Packs() {
		if want := s.Pack.ID() == "fr" || s.Pack.ID() == "eu"; s.On != want || s.Own {
			t.Errorf("without a frame %s is on: %v", s.Pack.ID(), s.On)
		}
	}
}

func TestAPackThatIsNotWholeDoesNotLoad(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*PackRow)
		want   string
	}{
		"an unverified row that allows": {func(r *PackRow) { r.Effect = "allow" }, "row.1.effect: \"allow\": what is not verified may refuse, never allow"},
		"a verified row that allows":    {func(r *PackRow) { r.Effect, r.Status, r.Confidence = "allow", PackInForce, Official }, "a pack only narrows"},
		"law that nobody verified":      {func(r *PackRow) { r.Status = PackInForce }, "row.1.status: \"in_force\" of a row that nobody verified"},
		"overlapping days":              {func(r *PackRow) { r.ID, r.ValidFrom = "first", "2026-12-31" }, "row.1.valid_from: row 1 has the id \"first\""},
		"no end against no end":         {func(r *PackRow) { r.ID = "first" }, "row.1.valid_from"},
		"contradicting dates":           {func(r *PackRow) { r.ValidFrom, r.ValidTo = "2026-02-01", "2026-01-31" }, "row.1.valid_to: the last day is before the first"},
		"no such day":                   {func(r *PackRow) { r.ReviewDue = "2026-02-30" }, "row.1.review_due: want a day"},
		"a review without anybody":      {func(r *PackRow) { r.ReviewedOn = "2026-02-01" }, "row.1.reviewed_on"},
		"repealed without an end":       {func(r *PackRow) { r.Status, r.Confidence = PackRepealed, Official }, "row.1.valid_to: missing"},
		"no reference":                  {func(r *PackRow) { r.LegalRef = " " }, "row.1.legal_ref: missing"},
		"no source":                     {func(r *PackRow) { r.Source = "" }, "row.1.source: missing"},
		"a jurisdiction":                {func(r *PackRow) { r.Jurisdiction = "ZZ" }, "row.1.jurisdiction: \"ZZ\""},
		"a class":                       {func(r *PackRow) { r.Effect, r.Classes = PackRefuse, []rivage.DataClass{"secret"} }, "row.1.classes: \"secret\""},
		"a text with cases":             {func(r *PackRow) { r.Zones = []rivage.Zone{rivage.ZoneEU} }, "row.1.effect: \"none\", but the row names cases"},
		"nothing required":              {func(r *PackRow) { r.Effect = PackRequire }, "row.1.safeguards: missing"},
	} {
		_, err := NewPack("maison", []PackRow{row("first", func(r *PackRow) { r.ValidTo = "2026-12-31" }), row("second", c.change)})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
	}
	if _, err := NewPack("maison", []PackRow{row("x", func(r *PackRow) { r.ValidTo = "2026-12-31" }), row("x", func(r *PackRow) { r.ValidFrom = "2027-01-01" })}); err != nil {
		t.Errorf("two versions whose days do not meet: %v", err)
	}
}

// What a pack holds decides the event by the day of the event, at the instant it begins, and by itself.
func TestAPackDecidesByTheDayOfTheEvent(t *testing.T) {
	gate := NewGate(framePacked(rivage.Encadre, whole(), []*Pack{ownPack(t)}), compile(t, []Rule{everything()}))
	without := NewGate(frameOf(rivage.Encadre, whole()), compile(t, []Rule{everything()}))
	r := Request{
		Principal: "ponant", Action: rivage.ActField, Class: rivage.ClassCommercial, Mode: rivage.ModeView, Purpose: rivage.PurposeService,
		Place: rivage.Place{Company: "fr", Country: "FR", Evidence: rivage.Attested},
	}
	midnight := day("2026-11-29")
	before, after := gate.Decide(r, midnight.Add(-time.Microsecond)), gate.Decide(r, midnight)
	if !before.Allowed || after.Allowed || after.Rule != "paquet:maison/vue" || !strings.Contains(after.Reason, "non vérifié") {
		t.Errorf("before: %+v; after: %+v", before, after)
	}
	if next, ok := gate.NextChange(midnight.Add(-time.Hour)); !ok || !next.Equal(midnight) {
		t.Errorf("the next change is %s, want %s", next, midnight)
	}
	if before.Rules == without.Decide(r, midnight).Rules {
		t.Error("a frame with another pack has the same hash")
	}
	if grant, _ := gate.Ask(r, midnight.Add(-time.Second), time.Minute); grant.Check(rivage.ActField, "", midnight) == nil {
		t.Error("a grant outlives the instant at which a row begins")
	}
}

func TestAPackThatCannotBeHadClosesTheFrame(t *testing.T) {
	rules, r := compile(t, []Rule{everything()}), Request{
		Principal: "ponant", Action: rivage.ActOffer, Class: rivage.ClassTracking, Mode: rivage.ModeVoice, Purpose: rivage.PurposeService,
		Place: rivage.Place{Company: "fr", Country: "FR", Evidence: rivage.Attested},
	}
	for _, c := range []struct {
		packs []rivage.ID
		want  bool
	}{{nil, true}, {[]rivage.ID{"it", "es", "fr"}, true}, {[]rivage.ID{"us"}, false}, {[]rivage.ID{"xx"}, false}} {
		s := &rivage.Settings{Companies: companies(), Frame: &rivage.Frame{Profile: rivage.Souverain, Packs: c.packs}}
		gate := NewGate(FrameOf(s, nil, nil), rules)
		if d := gate.Decide(r, day("2026-11-28")); d.Allowed != c.want {
			t.Errorf("%v: %+v", c.packs, d)
		}
		on := slices.ContainsFunc(gate.Packs(), func(s PackState) bool { return s.Pack.ID() == "it" && s.On })
		if on != slices.Contains(c.packs, "it") {
			t.Errorf("%v: the pack of Italy is on: %v", c.packs, on)
		}
	}
}

// Whatever a pack says, nothing is allowed that was not without it.
func TestAPackNeverAllows(t *testing.T) {
	rules := compile(t, []Rule{everything()})
	with := NewGate(framePacked(rivage.Encadre, whole(), []*Pack{ownPack(t)}), rules)
	without := NewGate(frameOf(rivage.Encadre, whole()), rules)
	narrowed := 0
	enumerate(func(r Request) {
		is, was := with.Decide(r, sampleDays[3]), without.Decide(r, sampleDays[3])
		if is.Allowed && !was.Allowed {
			t.Fatalf("%+v: allowed by a pack", r)
		}
		if was.Allowed && !is.Allowed {
			narrowed++
		}
	})
	if narrowed == 0 {
		t.Error("the pack decides nothing")
	}
}
