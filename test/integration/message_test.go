// SPDX-License-Identifier: EUPL-1.2

package integration

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// message is a SIP message as these tests need it: apart from the product's own reader, on purpose.
type message struct {
	method, uri string // of a request
	status      int    // of an answer
	fields      []field
	body        []byte
}

type field struct{ name, value string }

func (m *message) get(name string) string {
	for _, f := range m.fields {
		if strings.EqualFold(f.name, name) {
			return f.value
		}
	}
	return ""
}

func (m *message) add(name, value string) { m.fields = append(m.fields, field{name, value}) }

// copy takes fields over from another message, in order and each as often as it stands there.
func (m *message) copy(from *message, names ...string) {
	for _, name := range names {
		for _, f := range from.fields {
			if strings.EqualFold(f.name, name) {
				m.add(f.name, f.value)
			}
		}
	}
}

func (m *message) bytes() []byte {
	var b bytes.Buffer
	if m.method != "" {
		fmt.Fprintf(&b, "%s %s SIP/2.0\r\n", m.method, m.uri)
	} else {
		fmt.Fprintf(&b, "SIP/2.0 %d Answer\r\n", m.status)
	}
	for _, f := range m.fields {
		fmt.Fprintf(&b, "%s: %s\r\n", f.name, f.value)
	}
	if len(m.body) > 0 {
		b.WriteString("Content-Type: application/sdp\r\n")
	}
	fmt.Fprintf(&b, "Content-Length: %d\r\n\r\n", len(m.body))
	b.Write(m.body)
	return b.Bytes()
}

var errMessage = errors.New("unreadable SIP message")

func readMessage(b []byte) (*message, error) {
	head, body, ok := bytes.Cut(b, []byte("\r\n\r\n"))
	if !ok {
		return nil, errMessage
	}
	lines := strings.Split(string(head), "\r\n")
	first := strings.SplitN(lines[0], " ", 3)
	if len(first) != 3 {
		return nil, errMessage
	}
	m := &message{body: body}
	if first[0] == "SIP/2.0" {
		m.status, _ = strconv.Atoi(first[1])
	} else {
		m.method, m.uri = first[0], first[1]
	}
	for _, line := range lines[1:] {
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			return nil, errMessage
		}
		m.add(strings.TrimSpace(name), strings.TrimSpace(value))
	}
	return m, nil
}

// tagged is a From or To with our tag, where it has none.
func tagged(value, tag string) string {
	if strings.Contains(value, ";tag=") {
		return value
	}
	return value + ";tag=" + tag
}

// inside is what stands between < and >.
func inside(value string) string {
	_, value, _ = strings.Cut(value, "<")
	value, _, _ = strings.Cut(value, ">")
	return value
}
