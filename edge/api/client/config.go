// SPDX-License-Identifier: EUPL-1.2

// Package client is a desk without a screen: it signs in, keeps the live channel and says what an agent says; the demo's
// automatic posts and the tests use it.
package client

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/netip"
	"net/url"
	"time"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/view"
)

// Config is whose desk it is, and where.
type Config struct {
	Base      string         // origin of the server: https://…, or http:// on loopback
	LocalAddr netip.Addr     // connect from this address: it is what a site's networks attest; zero is any
	Roots     *x509.CertPool // authorities that may sign the server's certificate; nil is the system's
	Login     string
	Password  string
	TOTP      func() string // the code of this moment, which serves once; nil without a second factor

	// The callbacks run one after the other, in the order of the frames, outside the reader: they may give commands.
	// One that takes its time misses the oldest of what it was to be told.
	OnOffer func(view.Interaction) // a new offer
	OnState func(view.Agent)       // the agent's presence, as it is at first and at each change
}

// pace is how a Desk waits; tests go faster.
type pace struct {
	beat    time.Duration // between heartbeats
	silence time.Duration // without any frame: the connection is dead
	first   time.Duration // before reconnecting, doubled at each failure
	most    time.Duration // longest wait before reconnecting
	again   time.Duration // before an automatic post is ready again after a pause
}

var usual = pace{
	beat: 2 * time.Second, silence: 15 * time.Second, first: 250 * time.Millisecond, most: 10 * time.Second,
	again: 5 * time.Second,
}

// requestTime bounds one request, and one handshake of the live channel.
const requestTime = 15 * time.Second

// base checks the address a password is about to be sent to.
func base(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	switch {
	case err != nil:
		return nil, invalid("the address of the server cannot be read")
	case u.Host == "" || u.Path != "" && u.Path != "/" || u.RawQuery != "":
		return nil, invalid("the address of the server: want https://host[:port]")
	case u.Scheme == "https" || u.Scheme == "http" && loopback(u.Hostname()):
		return &url.URL{Scheme: u.Scheme, Host: u.Host}, nil
	}
	return nil, invalid("the address of the server: want https, or http on loopback")
}

func loopback(host string) bool {
	a, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && a.IsLoopback()
}

// httpClient follows no redirection and asks no proxy: what it carries is for one server.
func (c Config) httpClient() (*http.Client, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, fmt.Errorf("open desk: %w", err)
	}
	dialer := net.Dialer{Timeout: requestTime}
	if c.LocalAddr.IsValid() {
		dialer.LocalAddr = net.TCPAddrFromAddrPort(netip.AddrPortFrom(c.LocalAddr, 0))
	}
	return &http.Client{
		Jar: jar, Timeout: requestTime,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext: dialer.DialContext, TLSClientConfig: &tls.Config{RootCAs: c.Roots, MinVersion: tls.VersionTLS12},
			TLSHandshakeTimeout: requestTime, MaxIdleConns: 2, IdleConnTimeout: time.Minute,
		},
	}, nil
}

func invalid(why string) error {
	return &rivage.Error{Code: rivage.Invalid, Message: "open desk: " + why}
}
