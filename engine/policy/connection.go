// SPDX-License-Identifier: EUPL-1.2

package policy

import (
	"cmp"
	"net/netip"
	"slices"
	"time"

	"rivage.example/rivage"
)

// The kinds of connections. Clients of an interface and mailboxes do not exist yet.
const (
	ConnectionTrunk = "trunk"
	ConnectionCard  = "card"
)

// Connection is one declared way in or out, as the settings have it.
type Connection struct {
	ID        string // "trunk:boucle", "card:colis": what entries and refusals call it
	Kind      string
	Of        rivage.ID // the trunk or the source
	Principal rivage.ID // on whose behalf; Organisation for a trunk
	Name      string
	Provider  rivage.ID
	Company   *rivage.Company // nil when nobody declared it
	Country   rivage.Country  // where the other side stands
	Declared  *rivage.Declaration
	Hosts     []string       // asked by name
	Out       []netip.Prefix // where what leaves goes
	In        []netip.Prefix // whence it is called, empty for anywhere with a password
	Sound     []netip.Prefix // whence sound comes
	action    rivage.Action
	mode      rivage.Mode
}

// TrunkOf is a trunk as a connection: calls pass both ways, as voice.
func TrunkOf(s *rivage.Settings, t *rivage.Trunk) Connection {
	return Connection{
		ID: ConnectionTrunk + ":" + string(t.ID), Kind: ConnectionTrunk, Of: t.ID, Principal: rivage.Organisation, Name: t.Name,
		Provider: t.Provider, Company: s.Companies[t.Provider], Country: t.Country, Declared: t.Declared,
		Out: slices.Concat(t.Networks, t.Media), In: t.Networks, Sound: t.Media,
		action: rivage.ActLeg, mode: rivage.ModeVoice,
	}
}

// CardOf is a source of cards as a connection: the key that is asked for leaves, as a copy.
func CardOf(s *rivage.Settings, c *rivage.CardSource) Connection {
	return Connection{
		ID: ConnectionCard + ":" + string(c.ID), Kind: ConnectionCard, Of: c.ID, Principal: c.Principal, Name: c.Name,
		Provider: c.Provider, Company: s.Companies[c.Provider], Country: c.Country, Declared: c.Declared,
		Hosts: []string{c.Host()}, Out: c.Networks, action: rivage.ActField, mode: rivage.ModeCopy,
	}
}

// Connections are all that the settings declare, by id.
func Connections(s *rivage.Settings) []Connection {
	list := make([]Connection, 0, len(s.Trunks)+len(s.Cards))
	for _, t := range s.Trunks {
		list = append(list, TrunkOf(s, t))
	}
	for _, c := range s.Cards {
		list = append(list, CardOf(s, c))
	}
	slices.SortFunc(list, func(a, b Connection) int { return cmp.Compare(a.ID, b.ID) })
	return list
}

// The rules of refusals that follow from a declaration, before any profile or matrix.
const (
	RuleUndeclared = "connexion:non-declaree"
	RuleEarly      = "connexion:a-venir"
	RuleEnded      = "connexion:echue"
	RuleClass      = "connexion:classe"
)

// Refusals of a connection that its declaration makes.
var (
	undeclared = rivage.Decision{Rule: RuleUndeclared, Reason: "Connexion non déclarée : finalité, classes, fondement et fin manquent."}
	early      = rivage.Decision{Rule: RuleEarly, Reason: "La déclaration de cette connexion ne court pas encore."}
	ended      = rivage.Decision{Rule: RuleEnded, Reason: "La déclaration de cette connexion est échue : rien n'y passe."}
	otherClass = rivage.Decision{Rule: RuleClass, Reason: "Cette classe de données n'est pas déclarée pour cette connexion."}
)

// Stands says whether a connection is open at an instant: declared, within its days, and for one of its classes at least
// as the frame lets it. The refusal is the last class's.
func (g *Gate) Stands(c *Connection, at time.Time) rivage.Decision {
	if c.Declared == nil || len(c.Declared.Classes) == 0 {
		return undeclared
	}
	var d rivage.Decision
	for _, class := range c.Declared.Classes {
		if d = g.Passes(c, class, at); d.Allowed {
			break
		}
	}
	return d
}

// Passes says whether data of a class may pass a connection at an instant: where the other side stands, and to whose law
// its company answers, decide as they do for whoever reaches data.
func (g *Gate) Passes(c *Connection, class rivage.DataClass, at time.Time) rivage.Decision {
	d := c.Declared
	if d == nil {
		return undeclared
	}
	from, until, dated := d.Edges()
	switch {
	case !dated:
		return undeclared // without an end it is none
	case at.Before(from):
		return early
	case !at.Before(until):
		return ended
	case !slices.Contains(d.Classes, class):
		return otherClass
	}
	return g.bounding(c.Principal).allowed(Request{
		Principal: c.Principal, Action: c.action, Class: class, Mode: c.mode, Purpose: d.Purpose,
		Place: rivage.Place{Company: c.Provider, Country: c.Country, Evidence: rivage.Declared},
	}, d.Basis, at)
}

// PassesTrunk says whether a call about data of a class may pass a trunk at an instant. A trunk that there is not, nil, is
// closed.
func (g *Gate) PassesTrunk(s *rivage.Settings, t *rivage.Trunk, class rivage.DataClass, at time.Time) rivage.Decision {
	if t == nil {
		return undeclared
	}
	way := TrunkOf(s, t)
	return g.Passes(&way, class, at)
}

// bounding is the table under whose frame a Principal's connections stand. The organisation writes no rules of its own
// about them.
func (g *Gate) bounding(principal rivage.ID) *Table {
	if g != nil && principal == rivage.Organisation {
		return g.own
	}
	return g.Table(principal)
}

// allowed is what the frame alone makes of a request, as if a rule had allowed it.
func (t *Table) allowed(r Request, basis string, at time.Time) rivage.Decision {
	if t == nil || t.bounds == nil {
		return rivage.Decision{Reason: ReasonNoTable}
	}
	c := t.read(&r, at)
	if !c.whole {
		return t.refuse
	}
	return t.bounds.within(&r, &c, rivage.Decision{Allowed: true, Rule: "connexion", Basis: basis, Rules: t.bounds.rules})
}

// Ending is a declared connection whose end is near, or past.
type Ending struct {
	Connection Connection
	Days       int // until the last day, negative once it is past
	Warning    int // the nearest of Warnings that was passed, 0 once it is over
}

// EndingAt lists the connections whose end was or is to be announced at an instant, the most urgent first.
func EndingAt(s *rivage.Settings, at time.Time) []Ending {
	var list []Ending
	for _, c := range Connections(s) {
		if c.Declared == nil {
			continue
		}
		if days, warning, near := nearness(c.Declared.Until, at); near {
			list = append(list, Ending{c, days, warning})
		}
	}
	slices.SortStableFunc(list, func(x, y Ending) int { return cmp.Compare(x.Days, y.Days) })
	return list
}
