// SPDX-License-Identifier: EUPL-1.2

package caller

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
)

// fiction are the first digits of the numbers that no operator may give to anybody, for works of fiction (ARCEP,
// numbering plan of decision 2018-0881, as amended). Four more follow.
var fiction = [...]string{"+3319900", "+3326191", "+3335301", "+3346571", "+3353649", "+3363998"}

// number draws a caller's number, E.164.
func number(d *rand.Rand) string {
	return fmt.Sprintf("%s%04d", fiction[d.IntN(len(fiction))], d.IntN(10000))
}

const anyPort = "127.0.0.1:0"

// loopback reads "address:port" and refuses what is not on this machine.
func loopback(s string) (netip.AddrPort, error) {
	a, err := netip.ParseAddrPort(s)
	if err != nil {
		return netip.AddrPort{}, errors.New(`give an address of the form "127.0.0.1:5060"`)
	}
	if !a.Addr().IsLoopback() {
		return netip.AddrPort{}, errors.New("synthetic calls stay on loopback: give an address like 127.0.0.1:5060")
	}
	return a, nil
}
