// SPDX-License-Identifier: EUPL-1.2

package sip

import "net/netip"

// Source is the address the other side speaks from: where a leg behind NAT really is.
func (d *Dialog) Source() netip.AddrPort { return d.source }
