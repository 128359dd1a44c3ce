// SPDX-License-Identifier: EUPL-1.2

package policy

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"rivage.example/rivage"
)

// JurisdictionsDate is the day on which the table of zones stated the law. It is not reviewed by counsel.
const JurisdictionsDate = "2026-11-21"

//go:embed jurisdictions.csv
var jurisdictionsCSV []byte

// Jurisdiction is what the table says of a country.
type Jurisdiction struct {
	Country    rivage.Country
	Zone       rivage.Zone
	Until      time.Time       // first instant at which Zone no longer holds and the country is OTHER; zero when no end is known
	Confidence string          // in the adequacy decision or the overseas status: "verified_secondary", "memory_high"…; "" when none is needed
	Exposure   rivage.Exposure // to whose law companies of the country answer; ExposureUnassessed where nobody judged
	names      [4]string       // name and "in name", French then English
}

// atlas finds a country by its two letters without allocating.
type atlas struct {
	rows  []Jurisdiction
	index [26 * 26]int16 // row + 1
	zone  []uint8        // by row, a bit of rivage.Zones
	hash  [32]byte       // of what decides: countries, zones and their ends
	ends  []int64        // sorted instants at which a zone ends, microseconds
}

var world = sync.OnceValue(func() *atlas {
	a, _ := readAtlas(jurisdictionsCSV) // a row that cannot be read is a country that is not known, which is refused
	return a
})

func readAtlas(text []byte) (*atlas, error) {
	a := &atlas{}
	r := csv.NewReader(bytes.NewReader(text))
	r.Comment, r.FieldsPerRecord, r.ReuseRecord = '#', 9, true
	sum := sha256.New()
	for n := 0; ; n++ {
		rec, err := r.Read()
		if err == io.EOF {
			a.hash = [32]byte(sum.Sum(nil))
			slices.Sort(a.ends)
			a.ends = slices.Compact(a.ends)
			return a, nil
		}
		if err != nil {
			return a, fmt.Errorf("read jurisdictions: %w", err)
		}
		if n == 0 {
			continue // names of the columns
		}
		if err := a.add(rec); err != nil {
			return a, fmt.Errorf("read jurisdictions: row %d: %w", n, err)
		}
		fmt.Fprintf(sum, "%s %s %s\n", rec[0], rec[1], rec[2])
	}
}

func (a *atlas) add(rec []string) error {
	j := Jurisdiction{Country: rivage.Country(rec[0]), Zone: rivage.Zone(rec[1]), Confidence: rec[3], Exposure: rivage.Exposure(rec[4]), names: [4]string(rec[5:9])}
	zone := slices.Index(rivage.Zones, j.Zone)
	if !j.Country.Valid() || zone < 0 || !strings.HasPrefix(rec[4], "EXP_") {
		return fmt.Errorf("country %q in zone %q with exposure %q", rec[0], rec[1], rec[4])
	}
	if rec[2] != "" {
		last, err := time.Parse(time.DateOnly, rec[2])
		if err != nil {
			return err
		}
		j.Until = last.AddDate(0, 0, 1)
		a.ends = append(a.ends, j.Until.UnixMicro())
	}
	a.rows = append(a.rows, j)
	a.zone = append(a.zone, 1<<zone)
	a.index[letters(j.Country)] = int16(len(a.rows))
	return nil
}

// letters is the index of a well-formed code.
func letters(c rivage.Country) int { return int(c[0]-'A')*26 + int(c[1]-'A') }

// find is the row of c, -1 when the table does not know it.
func (a *atlas) find(c rivage.Country) int {
	if !c.Valid() {
		return -1
	}
	return int(a.index[letters(c)]) - 1
}

// JurisdictionOf is what the table says of c.
func JurisdictionOf(c rivage.Country) (Jurisdiction, bool) {
	a := world()
	i := a.find(c)
	if i < 0 {
		return Jurisdiction{}, false
	}
	return a.rows[i], true
}

// Jurisdictions is the whole table, by country.
func Jurisdictions() []Jurisdiction { return slices.Clone(world().rows) }

// ZoneOf is the zone the table gives to c; OTHER for a country it does not know. Decide looks at the instant as well:
// a zone that has ended is OTHER.
func ZoneOf(c rivage.Country) rivage.Zone {
	if j, ok := JurisdictionOf(c); ok {
		return j.Zone
	}
	return rivage.ZoneOther
}

// ZoneAt is the zone of c at an instant: OTHER once what it rested on has ended.
func ZoneAt(c rivage.Country, at time.Time) rivage.Zone {
	if j, ok := JurisdictionOf(c); ok && (j.Until.IsZero() || at.Before(j.Until)) {
		return j.Zone
	}
	return rivage.ZoneOther
}

// CountryName is a country's name, "Maroc" or "Morocco". French unless lang is "en".
func CountryName(c rivage.Country, lang string) string {
	return name(c, lang, 0, "pays non vérifié", "country not verified")
}

// InCountry is the country in a sentence, "au Maroc", "à La Réunion" or "in Morocco". French unless lang is "en".
func InCountry(c rivage.Country, lang string) string {
	return name(c, lang, 1, "dans un pays non vérifié", "in a country that is not verified")
}

func name(c rivage.Country, lang string, form int, fr, en string) string {
	j, ok := JurisdictionOf(c)
	switch {
	case lang == "en" && ok:
		return j.names[2+form]
	case lang == "en":
		return en
	case ok:
		return j.names[form]
	}
	return fr
}
