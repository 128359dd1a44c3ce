// SPDX-License-Identifier: EUPL-1.2

// Package link looks records up in the systems that client organisations declared: one request, one bounded answer, and
// no card from an answer that holds anything undeclared.
package link

import (
	"context"
	"crypto/x509"
	"log/slog"
	"net"
	"time"

	"rivage.example/rivage"
)

// Config is what a Link stands on.
type Config struct {
	// Dial connects, or refuses: the use is "card:" and the id of the source, and the address is checked where it is
	// resolved.
	Dial func(ctx context.Context, use, network, addr string) (net.Conn, error)
	// Secret is the value of a named secret. It is asked for at each look-up of a source that names one.
	Secret func(name string) (string, error)
}

// Link looks cards up. It keeps nothing between two look-ups: no connection, no cookie, no answer. Its methods may be
// called at the same time.
type Link struct {
	c     Config
	roots *x509.CertPool // who may sign certificates; nil is who the machine trusts
}

// Use is how connections to a source are declared.
func Use(source rivage.ID) string { return "card:" + string(source) }

// New makes a Link.
func New(c Config) *Link { return &Link{c: c} }

// Card is a record as its system answered it.
type Card struct {
	Source rivage.ID
	Fields []Value // in the order in which the source declares them
}

// Value is one field of a card that the answer held.
type Value struct {
	Name string // as the source declares it
	Text string
}

// LogValue hides the card (no personal data in logs).
func (c Card) LogValue() slog.Value { return slog.StringValue("[card]") }

// LogValue hides the value (no personal data in logs).
func (v Value) LogValue() slog.Value { return slog.StringValue("[value]") }

// The bounds of a source's time, whatever it declares.
const (
	leastTime = time.Second
	mostTime  = 10 * time.Second
)

// Look asks a source for the record of a key. Its errors are rivage.Error and repeat neither the key nor anything of the
// answer but the name of a field:
//   - Invalid: no key that may be asked for, or no URL that may be asked at; nothing was sent.
//   - NotFound: the system has no such record.
//   - Denied: the way out is not declared, or the answer is not what the source declares.
//   - Unavailable: no JSON object came in time.
func (l *Link) Look(ctx context.Context, src *rivage.CardSource, key string) (Card, error) {
	to, err := locate(src, key)
	if err != nil {
		return Card{}, err
	}
	limit := min(max(time.Duration(src.Timeout)*time.Second, leastTime), mostTime)
	ctx, stop := context.WithTimeout(ctx, limit)
	defer stop()
	body, err := l.ask(ctx, src, to)
	if err != nil {
		return Card{}, err
	}
	return readCard(src, key, body)
}

// failed is the error of a look-up. What is wrapped must not come from the system that was asked: the errors of net/http
// repeat URLs, and what a parser could not read.
func failed(src *rivage.CardSource, code rivage.Code, what string, err error) error {
	return &rivage.Error{Code: code, Message: "look up a card at " + string(src.ID) + ": " + what, Err: err}
}
