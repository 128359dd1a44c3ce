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

// placeOf is where a session stands, from the site its account's employer states, the address it comes from, the
// certificate that its connection proved and the workstation that proved itself. It is attested when the address is in
// that site's own networks, a loopback address like any other, or one of the others is registered there; declared when all
// are nobody's; unknown when the employer states no site, or when any is another site's: what is stated, and whose it was,
// are then kept for rules that forbid, and told to no caller. Nothing falls back to a country that nobody stated.
func placeOf(s *rivage.Settings, a *rivage.Account, from Origin, on station, at days, zone func(rivage.Country) rivage.Zone) (rivage.Place, proof) {
	unknown := rivage.Place{Zone: rivage.ZoneOther, Evidence: rivage.Unknown}
	if s == nil || a == nil {
		return unknown, proof{}
	}
	id := a.Site
	if a.Agent != nil {
		id = a.Agent.Site
	}
	remote := from.Remote.Unmap().WithZone("")
	other := siteAt(s, remote)
	holder, until := certifiedAt(s, from.Chain, at)
	site := s.Sites[id]
	if site != nil && other == site {
		other = nil
	}
	if other == nil && holder != site {
		other = holder
	}
	if other == nil && on.Workstation != nil && on.Site != id {
		other = s.Sites[on.Site]
	}
	if site == nil {
		if other != nil {
			unknown.Seen = other.Country
		}
		return unknown, proof{}
	}
	p := rivage.Place{Site: site.ID, Company: site.Company, Country: site.Country, Zone: zone(site.Country), Evidence: rivage.Declared}
	switch {
	case other != nil:
		p.Evidence, p.Zone, p.Seen = rivage.Unknown, rivage.ZoneOther, other.Country
	case inNetworks(site, remote):
		p.Evidence = rivage.Attested
		return p, proof{By: rivage.ByNetwork}
	case holder != nil:
		p.Evidence = rivage.Attested
		return p, proof{By: rivage.ByCertificate, Ref: pinOf(from.Chain[0]), Until: rivage.At(until)}
	case on.Workstation != nil:
		p.Evidence = rivage.Attested
		return p, proof{By: rivage.ByWorkstation, Ref: stationPin(on.Workstation), Until: rivage.At(on.until), Station: on.ID}
	}
	return p, proof{}
}

// stands says whether what a request brings still gives the place its session was opened at. What a certificate attested
// is attested over connections with that certificate only; what a workstation did, as long as it goes on proving itself.
func (c *Control) stands(k kept, a *rivage.Account, from Origin) bool {
	at := c.days()
	place, _ := placeOf(c.c.Settings(), a, from, c.held(k, at), at, c.c.Zone)
	if k.Proof.By == rivage.ByCertificate && (len(from.Chain) == 0 || pinOf(from.Chain[0]) != k.Proof.Ref) {
		return false
	}
	return place == k.Place
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
