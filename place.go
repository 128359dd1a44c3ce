// SPDX-License-Identifier: EUPL-1.2

package rivage

// Country is an ISO 3166-1 alpha-2 code, upper case; "" is not known, which is never France.
type Country string

// Valid says whether c has the shape of a code; whether the country exists is the rule pack's to know.
func (c Country) Valid() bool {
	return len(c) == 2 && c[0] >= 'A' && c[0] <= 'Z' && c[1] >= 'A' && c[1] <= 'Z'
}

// Zone is the legal area a country belongs to.
type Zone string

// The zones, from the nearest law to the farthest.
const (
	ZoneFR              Zone = "FR"
	ZoneFRRUP           Zone = "FR_RUP"           // outermost regions: French and Union law
	ZoneFROMHorsUE      Zone = "FR_OM_HORS_UE"    // French overseas outside the Union
	ZoneEU              Zone = "EU"               //
	ZoneEEA             Zone = "EEA"              // Iceland, Liechtenstein, Norway
	ZoneAdequate        Zone = "ADEQUATE"         // GDPR art. 45
	ZoneAdequatePartial Zone = "ADEQUATE_PARTIAL" // GDPR art. 45, importer's scope to prove
	ZoneOther           Zone = "OTHER"            // any other, and every unknown place
)

// Zones is the closed list, in order.
var Zones = []Zone{ZoneFR, ZoneFRRUP, ZoneFROMHorsUE, ZoneEU, ZoneEEA, ZoneAdequate, ZoneAdequatePartial, ZoneOther}

// Evidence says how a place is known. It belongs to a session, not to a site.
type Evidence string

// The evidences. Unknown is a state of its own and never falls back to another.
const (
	Attested Evidence = "attested" // the session came from the site's own networks, or with what is registered there
	Declared Evidence = "declared" // the employer says so
	Unknown  Evidence = "unknown"  // no site is stated, or the evidence is of another
)

// Proof is what attests a place, "" for one that is not attested.
type Proof string

// The proofs.
const (
	ByNetwork     Proof = "network"     // the session comes from the site's own networks
	ByCertificate Proof = "certificate" // its connections prove a client certificate of the site
	ByWorkstation Proof = "workstation" // it proves, again and again, the key of a workstation registered at the site
)

// Surrounding is whether somebody works at a site or at home, as the places of a rule name it.
type Surrounding string

// The surroundings. A rule that allows allows at home only when it says so.
const (
	Office   Surrounding = "office"
	Telework Surrounding = "telework"
)

// Surroundings is the closed list.
var Surroundings = []Surrounding{Office, Telework}

// Evidences is the closed list.
var Evidences = []Evidence{Attested, Declared, Unknown}

// Place is where a person or a machine stands for the length of a session.
type Place struct {
	Site     ID       `json:"site,omitempty"`
	Company  ID       `json:"company,omitempty"` // employs the agent or runs the machine
	Country  Country  `json:"country,omitempty"`
	Zone     Zone     `json:"zone,omitempty"`
	Evidence Evidence `json:"evidence"`
	Telework bool     `json:"telework,omitempty"` // the site is where people work at home: no place in itself
	Seen     Country  `json:"seen,omitempty"`     // of the site whose network the session came from, when it is not the one stated
}

// Vouched is the country, where something vouches for it. What is merely stated, against the evidence or without any,
// is for rules that forbid to read, and is neither shown nor told: unknown is never France.
func (p Place) Vouched() Country {
	if p.Evidence == Attested || p.Evidence == Declared {
		return p.Country
	}
	return ""
}
