// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/netip"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/policy"
)

func egressCommand() *cobra.Command {
	var dir, user, format string
	c := &cobra.Command{
		Use:   "egress --dir DIR",
		Short: "Lister ce qui peut sortir et entrer, avec qui et sous quelles lois, ou l'écrire comme règles de pare-feu ou de service",
		Long:  "Prints every declared connection, in both directions, with its company, parent, country, laws, basis and end, and whether it stands now. --format nft and --format systemd print rules that enforce the same list outside the process.",
		Args:  exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withPolicy(cmd, dir, func(i *instance, s *rivage.Settings, g *policy.Gate) error {
				out, list := cmd.OutOrStdout(), waysOf(s, g, i.clock.Now())
				switch format {
				case "table":
					return errors.Join(printEgress(out, list, s), printSupports(out, s, g, i.clock.Now()))
				case "nft":
					return printNFT(out, list, user, &i.machine)
				case "systemd":
					return printSystemd(out, list)
				}
				return usageError{fmt.Errorf("--format %q: want table, nft or systemd", format)}
			})
		},
	}
	dirFlag(c, &dir)
	c.Flags().StringVar(&format, "format", "table", "table, nft ou systemd")
	c.Flags().StringVar(&user, "user", "rivage", "compte sous lequel rivage serve tourne, pour nft")
	return c
}

// prefixes are the networks of all, without those that lie in another: sets of nftables do not overlap.
func prefixes(lists ...[]netip.Prefix) (all []netip.Prefix) {
	for _, list := range lists {
		for _, p := range list {
			all = append(all, p.Masked())
		}
	}
	slices.SortFunc(all, netip.Prefix.Compare) // what holds another comes first
	kept := all[:0]
	for _, p := range all {
		if n := len(kept); n == 0 || kept[n-1].Bits() > p.Bits() || !kept[n-1].Contains(p.Addr()) {
			kept = append(kept, p)
		}
	}
	return kept
}

// way is a declared connection as it stands now.
type way struct {
	policy.Connection
	decision rivage.Decision
}

// waysOf are the connections as they stand at an instant.
func waysOf(s *rivage.Settings, g *policy.Gate, at time.Time) []way {
	var list []way
	for _, c := range policy.Connections(s) {
		list = append(list, way{c, g.Stands(&c, at)})
	}
	return list
}

// open are the networks of the ways that stand, out or in.
func open(list []way, networks func(way) []netip.Prefix) []netip.Prefix {
	var all [][]netip.Prefix
	for _, w := range list {
		if w.decision.Allowed {
			all = append(all, networks(w))
		}
	}
	return prefixes(all...)
}

func outOf(w way) []netip.Prefix   { return w.Out }
func inOf(w way) []netip.Prefix    { return w.In }
func soundOf(w way) []netip.Prefix { return w.Sound }

var kindNames = map[string]string{policy.ConnectionTrunk: "raccordement", policy.ConnectionCard: "fiches"}

// printEgress lists every connection, once for each direction, then who else may come in.
func printEgress(out io.Writer, list []way, s *rivage.Settings) error {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "sens\tusage\tsociété\tsiège\tmère\toù\tlois\tfinalité\tclasses\tfondement\tfin\tétat\tréseaux")
	for _, w := range list {
		company, seat, parent := "non déclarée", "–", "–"
		if w.Company != nil {
			company, seat, parent = w.Company.Name, string(w.Company.Country), orNone(string(w.Company.ParentCountry))
			if w.Company.Parent != "" {
				parent = w.Company.Parent + " (" + parent + ")"
			}
		}
		d := cmp.Or(w.Declared, &rivage.Declaration{Purpose: "–", Basis: "–", Until: "–"})
		state := "ouverte"
		if !w.decision.Allowed {
			state = "fermée : " + w.decision.Reason
		}
		for _, way := range []struct {
			name     string
			networks []netip.Prefix
		}{{"sort", w.Out}, {"entre", slices.Concat(w.In, w.Sound)}} {
			if len(way.networks) > 0 {
				fmt.Fprintln(t, strings.Join([]string{
					way.name, kindNames[w.Kind] + " " + string(w.Of), company, seat, parent, orNone(string(w.Country)),
					joined(policy.ExposuresOf(w.Company)), string(d.Purpose), orNone(joined(d.Classes)), d.Basis, string(d.Until), state,
					joined(prefixes(way.networks)),
				}, "\t"))
			}
		}
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(out, "Entrent aussi, par HTTPS, les sessions de %d comptes, chacune avec le site et la société de son compte (rivage config export).\n", len(s.Accounts))
	fmt.Fprintln(out, "Ni client d'interface ni boîte aux lettres : rien de tel n'existe dans cette version.")
	fmt.Fprintln(out, "Tout le reste est refusé, et chaque refus est compté dans une écriture.")
	return nil
}

// printSupports lists the accesses of support from outside, which name nobody.
func printSupports(out io.Writer, s *rivage.Settings, g *policy.Gate, at time.Time) error {
	ids := slices.SortedFunc(maps.Keys(s.Accounts), cmp.Compare[rivage.ID])
	for _, id := range ids {
		t := s.Accounts[id].Support
		if t == nil {
			continue
		}
		company, state := string(t.Company), "ouvert"
		if c := s.Companies[t.Company]; c != nil {
			company = c.Name
		}
		switch d := g.Supports(t.Company, t.Country, at); {
		case !at.Before(t.Until):
			state = "terminé"
		case !d.Allowed:
			state = "refusé : " + d.Reason
		case t.ConfirmedBy == "":
			state = "à confirmer par une seconde personne"
		case at.Before(t.From):
			state = "à venir"
		}
		if _, err := fmt.Fprintf(out, "Support extérieur, compte %s : %s, %s, %s, du %s au %s, %s.\n", id, company, t.Country,
			joined(policy.ExposuresOf(s.Companies[t.Company])), t.From.UTC().Format(time.RFC3339), t.Until.UTC().Format(time.RFC3339), state); err != nil {
			return err
		}
	}
	return nil
}

func joined[T any](list []T) string {
	var words []string
	for _, v := range list {
		words = append(words, fmt.Sprint(v))
	}
	return strings.Join(words, " ")
}

// printNFT prints rules for nftables: what the account starts goes to the declared networks or nowhere, and the ports of
// SIP and of the trunks' sound hear the declared networks only. Answers pass, and the machine's own loopback, where a
// database may be.
func printNFT(out io.Writer, list []way, user string, m *machine) error {
	if user == "" || strings.ContainsFunc(user, func(r rune) bool { return r <= ' ' || strings.ContainsRune(`"';{}\`, r) }) {
		return usageError{fmt.Errorf("--user %q: want the name of an account", user)}
	}
	fmt.Fprintf(out, "# rivage egress --format nft\ntable inet rivage_egress {\n  chain output {\n    type filter hook output priority 0; policy accept;\n")
	fmt.Fprintf(out, "    meta skuid != \"%s\" accept\n    ct state established,related accept\n    oifname \"lo\" accept\n", user)
	printFamilies(out, "daddr", open(list, outOf))
	fmt.Fprintf(out, "    counter reject\n  }\n  chain input {\n    type filter hook input priority 0; policy accept;\n    ct state established,related accept\n    iifname \"lo\" accept\n")
	for _, d := range []struct{ protocol, listen string }{{"udp", m.SIP.UDP}, {"tcp", m.SIP.TCP}} {
		if _, port, err := net.SplitHostPort(d.listen); err == nil {
			fmt.Fprintf(out, "    %s dport %s jump signalling\n", d.protocol, port)
		}
	}
	fmt.Fprintf(out, "    udp dport %d-%d jump sound\n  }\n  chain signalling {\n", m.Media.Ports[0], m.Media.Ports[1])
	if slices.ContainsFunc(list, func(w way) bool { return w.Kind == policy.ConnectionTrunk && w.decision.Allowed && len(w.In) == 0 }) {
		fmt.Fprintf(out, "    accept # a trunk with a password calls from anywhere\n")
	} else {
		printFamilies(out, "saddr", open(list, inOf))
		fmt.Fprintf(out, "    counter drop\n")
	}
	fmt.Fprintf(out, "  }\n  chain sound {\n")
	printFamilies(out, "saddr", open(list, soundOf))
	_, err := fmt.Fprintf(out, "    counter drop\n  }\n}\n")
	return err
}

// printFamilies prints one rule for each family of addresses that there is.
func printFamilies(out io.Writer, end string, list []netip.Prefix) {
	var v4, v6 []string
	for _, p := range list {
		if p.Addr().Is4() {
			v4 = append(v4, p.String())
		} else {
			v6 = append(v6, p.String())
		}
	}
	for _, set := range []struct {
		family string
		list   []string
	}{{"ip", v4}, {"ip6", v6}} {
		if len(set.list) > 0 {
			fmt.Fprintf(out, "    %s %s { %s } accept\n", set.family, end, strings.Join(set.list, ", "))
		}
	}
}

// printSystemd prints the lines of a service unit. They bind both ways: desks and browsers' sound come from networks that
// have to be added.
func printSystemd(out io.Writer, list []way) error {
	fmt.Fprintf(out, "# rivage egress --format systemd : à mettre dans [Service], avec les réseaux d'où viennent postes et navigateurs\nIPAddressDeny=any\nIPAddressAllow=localhost\n")
	for _, p := range prefixes(open(list, outOf), open(list, inOf), open(list, soundOf)) {
		if _, err := fmt.Fprintf(out, "IPAddressAllow=%s\n", p); err != nil {
			return err
		}
	}
	return nil
}
