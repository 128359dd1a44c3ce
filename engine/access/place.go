// SPDX-License-Identifier: EUPL-1.2

package access

import (
	"net/netip"
	"slices"

	"rivage.example/rivage"
)

// PlaceOf is where a session stands, from the site its account's employer states and the address it comes from. It is
// attested when the address is in that site's own networks, a loopback address like any other; declared when it is in
// nobody's; unknown when the employer states no site, or when the address is in the networks of another site: what is
// stated, and whose network it was, are then kept for rules that forbid, and told to no caller. Nothing falls back to a country that nobody stated.
func PlaceOf(s *rivage.Settings, a *rivage.Account, remote netip.Addr, zone func(rivage.Country) rivage.Zone) rivage.Place {
	unknown := rivage.Place{Zone: rivage.ZoneOther, Evidence: rivage.Unknown}
	if s == nil || a == nil {
		return unknown
	}
	if RightsOf(a.Roles).Is(RoleSupport) {
		return supportPlace(s, a.Support, remote.Unmap().WithZone(""), zone)
	}
	id := a.Site
	if a.Agent != nil {
		id = a.Agent.Site
	}
	remote = remote.Unmap().WithZone("")
	other := siteAt(s, remote)
	site := s.Sites[id]
	if site == nil {
		if other != nil {
			unknown.Seen = other.Country
		}
		return unknown
	}
	p := rivage.Place{Site: site.ID, Company: site.Company, Country: site.Country, Zone: zone(site.Country), Evidence: rivage.Declared}
	switch {
	case inNetworks(site, remote):
		p.Evidence = rivage.Attested
	case other != nil:
		p.Evidence, p.Zone, p.Seen = rivage.Unknown, rivage.ZoneOther, other.Country
	}
	return p
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
