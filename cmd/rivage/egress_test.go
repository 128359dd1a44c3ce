// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"bytes"
	"net/netip"
	"os/exec"
	"testing"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/policy"
)

// nftables itself reads what is printed, with networks of both families, one in another, and with none at all.
func TestNftablesReadsTheRules(t *testing.T) {
	nft, err := exec.LookPath("nft")
	if err != nil {
		t.Fatal("nft is not installed (Debian: nftables)")
	}
	networks := func(list ...string) (p []netip.Prefix) {
		for _, s := range list {
			p = append(p, netip.MustParsePrefix(s))
		}
		return p
	}
	m := defaultMachine()
	open := rivage.Decision{Allowed: true}
	both := policy.Connection{
		Kind: policy.ConnectionTrunk, Out: networks("192.0.2.0/24", "192.0.2.128/25", "2001:db8::/32"), In: networks("192.0.2.0/24"),
		Sound: networks("2001:db8::/32", "198.51.100.0/24"),
	}
	anywhere := policy.Connection{Kind: policy.ConnectionTrunk, Out: networks("192.0.2.0/24"), Sound: networks("192.0.2.0/24")}
	for name, list := range map[string][]way{
		"both families": {{both, open}}, "by password": {{anywhere, open}}, "closed": {{both, rivage.Decision{}}}, "nothing": nil,
	} {
		var rules bytes.Buffer
		if err := printNFT(&rules, list, "root", &m); err != nil {
			t.Fatal(err)
		}
		check := exec.Command("unshare", "--map-root-user", "--net", nft, "--check", "--file", "-")
		check.Stdin = bytes.NewReader(rules.Bytes())
		if said, err := check.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s\n%s", name, err, said, rules.Bytes())
		}
	}
}
