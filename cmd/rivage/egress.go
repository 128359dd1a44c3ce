// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"cmp"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/policy"
)

func egressCommand() *cobra.Command {
	var dir, user, format string
	c := &cobra.Command{
		Use:   "egress --dir DIR",
		Short: "Lister ce qui peut sortir, avec qui et sous quelles lois, ou l'écrire comme règles de pare-feu ou de service",
		Long:  "Prints every declared connection with its company, its country and the laws it answers to. --format nft and --format systemd print rules that enforce the same list outside the process.",
		Args:  exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withPolicy(cmd, dir, func(_ *instance, s *rivage.Settings, _ *policy.Gate) error {
				out := cmd.OutOrStdout()
				switch format {
				case "table":
					return printEgress(out, waysOut(s))
				case "nft":
					return printNFT(out, waysOut(s), user)
				case "systemd":
					return printSystemd(out, waysOut(s))
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

// wayOut is one declared connection: to whom, where and for what.
type wayOut struct {
	use      string // "raccordement boucle", "fiches colis"
	company  *rivage.Company
	country  rivage.Country // where the other side stands, "" when nobody said
	networks []netip.Prefix
}

// waysOut is everything that leaves an instance: signalling and sound to the trunks, and look-ups of cards.
func waysOut(s *rivage.Settings) (list []wayOut) {
	for _, t := range s.Trunks {
		list = append(list, wayOut{"raccordement " + string(t.ID), s.Companies[t.Provider], "", slices.Concat(t.Networks, t.Media)})
	}
	for _, c := range s.Cards {
		list = append(list, wayOut{"fiches " + string(c.ID), s.Companies[c.Provider], c.Country, c.Networks})
	}
	slices.SortFunc(list, func(a, b wayOut) int { return cmp.Compare(a.use, b.use) })
	return list
}

// prefixes are the networks of all, without those that lie in another: sets of nftables do not overlap.
func prefixes(list []wayOut) (all []netip.Prefix) {
	for _, w := range list {
		for _, p := range w.networks {
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

func printEgress(out io.Writer, list []wayOut) error {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "usage\tsociété\tsiège\tmère\toù\tlois\tréseaux")
	for _, w := range list {
		name, seat, parent := "non déclarée", "–", "–"
		if w.company != nil {
			name, seat, parent = w.company.Name, string(w.company.Country), orNone(string(w.company.ParentCountry))
		}
		var laws, networks []string
		for _, e := range policy.ExposuresOf(w.company) {
			laws = append(laws, string(e))
		}
		for _, p := range prefixes([]wayOut{w}) {
			networks = append(networks, p.String())
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", w.use, name, seat, parent, orNone(string(w.country)), strings.Join(laws, " "), strings.Join(networks, " "))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(out, "Tout le reste est refusé, et chaque refus est compté dans une écriture.")
	return nil
}

// printNFT prints rules for nftables: what the account starts goes to the declared networks or nowhere. Answers to who
// came in pass, and the machine's own loopback, where a database may be.
func printNFT(out io.Writer, list []wayOut, user string) error {
	if user == "" || strings.ContainsFunc(user, func(r rune) bool { return r <= ' ' || strings.ContainsRune(`"';{}\`, r) }) {
		return usageError{fmt.Errorf("--user %q: want the name of an account", user)}
	}
	var v4, v6 []string
	for _, p := range prefixes(list) {
		if p.Addr().Is4() {
			v4 = append(v4, p.String())
		} else {
			v6 = append(v6, p.String())
		}
	}
	fmt.Fprintf(out, "# rivage egress --format nft\ntable inet rivage_egress {\n  chain output {\n    type filter hook output priority 0; policy accept;\n")
	fmt.Fprintf(out, "    meta skuid != \"%s\" accept\n    ct state established,related accept\n    oifname \"lo\" accept\n", user)
	for _, set := range []struct {
		family string
		list   []string
	}{{"ip", v4}, {"ip6", v6}} {
		if len(set.list) > 0 {
			fmt.Fprintf(out, "    %s daddr { %s } accept\n", set.family, strings.Join(set.list, ", "))
		}
	}
	_, err := fmt.Fprintf(out, "    counter reject\n  }\n}\n")
	return err
}

// printSystemd prints the lines of a service unit. They bind both ways: callers, desks and browsers' sound come from
// networks that have to be added.
func printSystemd(out io.Writer, list []wayOut) error {
	fmt.Fprintf(out, "# rivage egress --format systemd : à mettre dans [Service], avec les réseaux d'où viennent postes et navigateurs\nIPAddressDeny=any\nIPAddressAllow=localhost\n")
	for _, p := range prefixes(list) {
		if _, err := fmt.Fprintf(out, "IPAddressAllow=%s\n", p); err != nil {
			return err
		}
	}
	return nil
}
