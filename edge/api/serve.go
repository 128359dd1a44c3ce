// SPDX-License-Identifier: EUPL-1.2

package api

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"time"
)

// The times and sizes of one connection. A playback and a live channel take longer and say so themselves.
const (
	headerTimeout = 5 * time.Second
	readTimeout   = 30 * time.Second
	writeTimeout  = 60 * time.Second
	idleTimeout   = 2 * time.Minute
	maxHeader     = 16 << 10
	drainTime     = 10 * time.Second
)

// Serve answers on a listener until ctx is done, then lets requests end. Without TLS it serves loopback only: a session
// or a call in clear on a network is refused, not warned about.
func (s *Server) Serve(ctx context.Context, l net.Listener, secure *tls.Config) error {
	if secure == nil && !loopback(l.Addr()) {
		return errors.Join(errors.New("serve: plain HTTP on loopback only; give a certificate, or listen on 127.0.0.1"), l.Close())
	}
	srv := &http.Server{
		Handler: s.Handler(), TLSConfig: secure, ReadHeaderTimeout: headerTimeout, ReadTimeout: readTimeout,
		WriteTimeout: writeTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeader,
		ErrorLog: slog.NewLogLogger(s.c.Log.Handler(), slog.LevelDebug), // handshakes of strangers
	}
	done := make(chan error, 1)
	go func() {
		if secure == nil {
			done <- srv.Serve(l)
			return
		}
		done <- srv.ServeTLS(l, "", "")
	}()
	select {
	case err := <-done:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	drain, stop := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
	defer stop()
	err := srv.Shutdown(drain)
	<-done // Serve has returned: nothing of it is left
	if err != nil {
		return errors.Join(fmt.Errorf("stop serving: %w", err), srv.Close())
	}
	return nil
}

func loopback(a net.Addr) bool {
	p, err := netip.ParseAddrPort(a.String())
	return err == nil && p.Addr().IsLoopback()
}
