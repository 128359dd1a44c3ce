// SPDX-License-Identifier: EUPL-1.2

package access

import (
	"crypto/x509"
	"net/netip"
	"slices"
	"time"

	"rivage.example/rivage"
)

// Origin is where a request comes from, with what its connection proved. Nothing of it is read from a header.
type Origin struct {
	Remote    netip.Addr
	Chain     []*x509.Certificate // of the client, its own first; the handshake proved that it holds that one's key, and no more
	Presented *Presented          // by a workstation, at sign-in and when it proves itself again; nil for none
	Site      rivage.ID           // that is stated at sign-in, "" for the account's own
	Telework  bool                // stated at sign-in: the account's one site of teleworking
}

// proof is what attests a session's place, and until when it can.
type proof struct {
	By    rivage.Proof  `json:"by,omitempty"`
	Ref   string        `json:"ref,omitempty"`   // the public key of the certificate or workstation
	Until rivage.Micros `json:"until,omitempty"` // 0: as long as the session

	Station rivage.ID `json:"station,omitempty"`
}

// station is a workstation that proved itself, and until when that holds; its zero value is none.
type station struct {
	*rivage.Workstation
	until time.Time
}

// placeOf is where a session stands, from the site that is stated, the address it comes from, the
// certificate that its connection proved and the workstation that proved itself. It is attested when the address is in
// that site's own networks, a loopback address like any other, or one of the others is registered there; declared when all
// are nobody's; unknown when no site is stated, or when any is another site's: what is stated, and whose it was,
// are then kept for rules that forbid, and told to no caller. Nothing falls back to a country that nobody stated.
//
// Nothing attests a home: a certificate or workstation of a site of teleworking proves the machine, not where it stands. It
// stays declared, and says nothing against another site.
func placeOf(s *rivage.Settings, a *rivage.Account, from Origin, on station, at days, zone func(rivage.Country) rivage.Zone) (rivage.Place, proof) {
	unknown := rivage.Place{Zone: rivage.ZoneOther, Evidence: rivage.Unknown}
	if s == nil || a == nil {
		return unknown, proof{}
	}
	if RightsOf(a.Roles).Is(RoleSupport) {
		return supportPlace(s, a.Support, from.Remote.Unmap().WithZone(""), zone), proof{}
	}
	id := own(a)
	if slices.Contains(a.Telework, from.Site) {
		id = from.Site
	}
	remote := from.Remote.Unmap().WithZone("")
	other := siteAt(s, remote)
	holder, until := certifiedAt(s, from.Chain, at)
	site := s.Sites[id]
	if site != nil && other == site {
		other = nil
	}
	if other == nil && holder != site && holder != nil && !holder.Telework {
		other = holder
	}
	if on.Workstation != nil && on.Site != id {
		if at := s.Sites[on.Site]; other == nil && at != nil && !at.Telework {
			other = at
		}
		on = station{}
	}
	if site == nil {
		if other != nil {
			unknown.Seen = other.Country
		}
		return unknown, proof{}
	}
	p := rivage.Place{Site: site.ID, Company: site.Company, Country: site.Country, Zone: zone(site.Country), Evidence: rivage.Declared, Telework: site.Telework}
	by := proof{}
	switch {
	case other != nil:
		p.Evidence, p.Zone, p.Seen = rivage.Unknown, rivage.ZoneOther, other.Country
		return p, proof{}
	case inNetworks(site, remote):
		by = proof{By: rivage.ByNetwork}
	case holder == site:
		by = proof{By: rivage.ByCertificate, Ref: pinOf(from.Chain[0]), Until: rivage.At(until)}
	case on.Workstation != nil:
		by = proof{By: rivage.ByWorkstation, Ref: stationPin(on.Workstation), Until: rivage.At(on.until), Station: on.ID}
	}
	if by.By != "" && !site.Telework {
		p.Evidence = rivage.Attested
	}
	return p, by
}

// own is the site where the employer says that somebody works.
func own(a *rivage.Account) rivage.ID {
	if a.Agent != nil {
		return a.Agent.Site
	}
	return a.Site
}

// Choice is the refusal of a sign-in that has to say which of several sites of teleworking it is at.
type Choice struct{ Sites []rivage.ID }

// Error implements error.
func (c *Choice) Error() string { return string(SiteRequired) }

// Unwrap is the refusal.
func (c *Choice) Unwrap() error { return SiteRequired }

// stated is the site that somebody signs in at, "" for their own: they state no place that the employer did not list.
func stated(a *rivage.Account, from Origin) (rivage.ID, error) {
	switch {
	case from.Site == "" && !from.Telework, from.Site != "" && from.Site == own(a):
		return "", nil
	case slices.Contains(a.Telework, from.Site):
		return from.Site, nil
	case from.Site != "" || len(a.Telework) == 0:
		return "", refuse(rivage.Denied, BadSite, "sign in: the account may not state this site")
	case len(a.Telework) == 1:
		return a.Telework[0], nil
	}
	return "", &rivage.Error{Code: rivage.Denied, Message: "sign in: several sites of teleworking", Err: &Choice{slices.Clone(a.Telework)}}
}

// stands says whether what a request brings still gives the place its session was opened at, and where not, what place it
// gives, and what attests the session no more although nobody changed a setting. What a certificate attested is attested
// over connections with that certificate only; what a workstation did, as long as it goes on proving itself.
func (c *Control) stands(k kept, a *rivage.Account, from Origin) (found rivage.Place, lost rivage.Proof, ok bool) {
	at := c.days()
	from.Site = k.Site
	found, _ = placeOf(c.c.Settings(), a, from, c.held(k, at), at, c.c.Zone)
	absent := k.Proof.By == rivage.ByCertificate && (len(from.Chain) == 0 || pinOf(from.Chain[0]) != k.Proof.Ref)
	if found == k.Place && !absent {
		return found, "", true
	}
	moved := found // where it would be were it proved as before: another site or country is a changed setting
	moved.Evidence, moved.Zone, moved.Seen = k.Place.Evidence, k.Place.Zone, k.Place.Seen
	switch {
	case moved != k.Place:
		found.Seen = ""
	case absent, k.Proof.By == rivage.ByNetwork:
		lost = k.Proof.By
	}
	return found, lost, false
}

// held is the workstation that attests a session, while it is registered.
func (c *Control) held(k kept, at days) station {
	if k.Proof.By != rivage.ByWorkstation {
		return station{}
	}
	w := c.c.Settings().Workstations[k.Proof.Station]
	if w == nil || stationPin(w) != k.Proof.Ref {
		return station{}
	}
	if _, ok := endOf(w, at); !ok {
		return station{}
	}
	return station{w, k.Proof.Until.Time()}
}

// supportPlace is where who supports from outside sits, as the organisation declared it; the network of a site in another
// country contradicts it.
func supportPlace(s *rivage.Settings, t *rivage.Support, remote netip.Addr, zone func(rivage.Country) rivage.Zone) rivage.Place {
	p := rivage.Place{Zone: rivage.ZoneOther, Evidence: rivage.Unknown}
	other := siteAt(s, remote)
	if other != nil {
		p.Seen = other.Country
	}
	if t == nil {
		return p
	}
	p.Company, p.Country = t.Company, t.Country
	if other == nil || other.Country == t.Country {
		p.Zone, p.Evidence, p.Seen = zone(t.Country), rivage.Declared, ""
	}
	return p
}

func inNetworks(site *rivage.Site, remote netip.Addr) bool {
	return slices.ContainsFunc(site.Networks, func(n netip.Prefix) bool { return n.Contains(remote) })
}

// siteAt is the site in whose networks an address is, nil for none. Networks of two sites do not overlap.
func siteAt(s *rivage.Settings, remote netip.Addr) *rivage.Site {
	for _, site := range s.Sites {
		if inNetworks(site, remote) {
			return site
		}
	}
	return nil
}

// sourceOf is what a limit counts as one source: an IPv4 address, or the /64 an IPv6 host may choose its addresses in.
func sourceOf(remote netip.Addr) string {
	remote = remote.Unmap().WithZone("")
	if remote.Is6() {
		if p, err := remote.Prefix(64); err == nil {
			return p.String()
		}
	}
	return remote.String()
}
