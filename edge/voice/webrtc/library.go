// SPDX-License-Identifier: EUPL-1.2

package webrtc

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"math/big"
	"net"
	"net/netip"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/interceptor"
	"github.com/pion/logging"
	pion "github.com/pion/webrtc/v4"
)

// keepAlive is the time between the library's checks of a connection.
const keepAlive = 2 * time.Second

// silent is the log of the library: its lines hold addresses of people.
func silent() *logging.DefaultLoggerFactory { return &logging.DefaultLoggerFactory{Writer: io.Discard} }

// certify makes the certificate of all connections. Browsers check its fingerprint only (RFC 8827 section 6.5); it
// must outlive the process, or the library refuses it.
func (g *Gateway) certify() error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return err
	}
	cert, err := pion.NewCertificate(key, x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: "voice"},
		NotBefore: time.Now().AddDate(0, 0, -1), NotAfter: time.Now().AddDate(10, 0, 0),
	})
	if err != nil {
		return err
	}
	g.cert = *cert
	return nil
}

// listen opens the port: on an unspecified address one socket for each of the host's, so that answers leave from
// the address that was asked.
func (g *Gateway) listen() error {
	l := g.conf.Listen
	if l.Addr().IsUnspecified() {
		if l.Port() == 0 {
			return errors.New("give a port, the same for each address of the host")
		}
		opts := []ice.UDPMuxFromPortOption{
			ice.UDPMuxFromPortWithNetworks(ice.NetworkTypeUDP4), ice.UDPMuxFromPortWithLogger(silent().NewLogger("ice")),
			ice.UDPMuxFromPortWithReadBufferSize(readBuffer),
		}
		if g.conf.Loopback {
			opts = append(opts, ice.UDPMuxFromPortWithLoopback())
		}
		mux, err := ice.NewMultiUDPMuxFromPort(int(l.Port()), opts...)
		if err != nil {
			return err
		}
		g.mux, g.at = mux, l
		return nil
	}
	conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(l))
	if err != nil {
		return err
	}
	if err := conn.SetReadBuffer(readBuffer); err != nil {
		return errors.Join(err, conn.Close())
	}
	g.mux = pion.NewICEUDPMux(silent().NewLogger("ice"), conn)
	at := conn.LocalAddr().(*net.UDPAddr).AddrPort()
	g.at = netip.AddrPortFrom(at.Addr().Unmap(), at.Port())
	return nil
}

const readBuffer = 1 << 20 // bytes: 100 ms of 1 000 browsers

// api makes connections that speak one law only: the answer then names one audio codec.
func (g *Gateway) api(mu bool) (*pion.API, error) {
	audio := pion.RTPCodecParameters{PayloadType: 8, RTPCodecCapability: pion.RTPCodecCapability{
		MimeType: pion.MimeTypePCMA, ClockRate: 8000,
	}}
	if mu {
		audio.PayloadType, audio.MimeType = 0, pion.MimeTypePCMU
	}
	events := pion.RTPCodecParameters{PayloadType: 126, RTPCodecCapability: pion.RTPCodecCapability{
		MimeType: "audio/telephone-event", ClockRate: 8000, SDPFmtpLine: "0-15",
	}}
	me := &pion.MediaEngine{}
	err := errors.Join(me.RegisterCodec(audio, pion.RTPCodecTypeAudio), me.RegisterCodec(events, pion.RTPCodecTypeAudio))
	se, serr := g.settings()
	if err := errors.Join(err, serr); err != nil {
		return nil, err
	}
	return pion.NewAPI(pion.WithMediaEngine(me), pion.WithSettingEngine(se),
		pion.WithInterceptorRegistry(&interceptor.Registry{})), nil
}

func (g *Gateway) settings() (pion.SettingEngine, error) {
	se := pion.SettingEngine{LoggerFactory: silent()}
	se.SetICEUDPMux(g.mux)
	se.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	se.SetNetworkTypes([]pion.NetworkType{pion.NetworkTypeUDP4})
	if a := g.at.Addr(); a.Is6() && !a.IsUnspecified() {
		se.SetNetworkTypes([]pion.NetworkType{pion.NetworkTypeUDP6})
	}
	se.SetIncludeLoopbackCandidate(g.conf.Loopback || g.at.Addr().IsLoopback())
	se.SetICETimeouts(g.conf.LostAfter, g.conf.SetUp, min(keepAlive, g.conf.LostAfter/3))
	// With a first packet as condition, one of a type that nobody agreed on would leave the leg deaf.
	se.SetFireOnTrackBeforeFirstRTP(true)
	err := se.SetAnsweringDTLSRole(pion.DTLSRoleServer)
	if g.conf.External.IsValid() {
		err = errors.Join(err, se.SetICEAddressRewriteRules(pion.ICEAddressRewriteRule{
			External: []string{g.conf.External.String()}, AsCandidateType: pion.ICECandidateTypeHost,
			Mode: pion.ICEAddressRewriteReplace,
		}))
	}
	return se, err
}
