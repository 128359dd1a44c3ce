// SPDX-License-Identifier: EUPL-1.2

package sdp

import (
	"cmp"
	"fmt"
	"strings"
)

// String writes the description with CRLF line ends. Parse reads it back to an equal value.
func (d Description) String() string {
	var b strings.Builder
	origin := cmp.Or(d.Origin.Addr, "0.0.0.0")
	fam := "IP4"
	if strings.Contains(origin, ":") {
		fam = "IP6"
	}
	fmt.Fprintf(&b, "v=0\r\no=%s %d %d IN %s %s\r\n", cmp.Or(d.Origin.User, "-"), d.Origin.Session, d.Origin.Version, fam, origin)
	fmt.Fprintf(&b, "s=%s\r\n", cmp.Or(d.Name, "-"))
	if d.Addr.IsValid() {
		fmt.Fprintf(&b, "c=IN %s %s\r\n", family(d.Addr), d.Addr)
	}
	b.WriteString("t=0 0\r\n")
	writeAttributes(&b, d.Attributes)
	for _, m := range d.Media {
		fmt.Fprintf(&b, "m=%s %d %s %s\r\n", m.Kind, m.Port, m.Proto, strings.Join(m.Formats, " "))
		if m.Addr.IsValid() && m.Addr != d.Addr {
			fmt.Fprintf(&b, "c=IN %s %s\r\n", family(m.Addr), m.Addr)
		}
		writeAttributes(&b, m.Attributes)
		fmt.Fprintf(&b, "a=%s\r\n", m.Dir)
	}
	return b.String()
}

func writeAttributes(b *strings.Builder, attrs []Attribute) {
	for _, a := range attrs {
		b.WriteString("a=" + a.Key)
		if a.Value != "" {
			b.WriteString(":" + a.Value)
		}
		b.WriteString("\r\n")
	}
}
