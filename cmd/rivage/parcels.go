// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"rivage.example/rivage"
)

// The bounds of the parcel system.
const (
	parcelTime = 5 * time.Second // of one request
	parcelHead = 16 << 10        // bytes of its headers
)

func parcelsCommand() *cobra.Command {
	var listen, token string
	c := &cobra.Command{
		Use:    "parcels --listen 127.0.0.1:PORT",
		Short:  "Système de colis fictif d'une démonstration, dans un processus à part",
		Long:   "Answers GET /parcels/PN123456789 with a record made up from the number. It stands for a client organisation's own system, listens on loopback only, and ends when its standard input closes.",
		Hidden: true,
		Args:   exactly(0),
		RunE:   func(cmd *cobra.Command, _ []string) error { return parcels(cmd, listen, token) },
	}
	c.Flags().StringVar(&listen, "listen", "", "adresse de bouclage et port, par exemple 127.0.0.1:8090")
	c.Flags().StringVar(&token, "token-file", "", "fichier du jeton exigé de ceux qui demandent (sans lui : aucun)")
	return c
}

// parcels serves until its standard input closes or a signal comes.
func parcels(cmd *cobra.Command, listen, tokenFile string) error {
	if addr, err := netip.ParseAddrPort(listen); err != nil || !addr.Addr().IsLoopback() {
		return usageError{fmt.Errorf("--listen %q: give a loopback address and a port, such as 127.0.0.1:8090", listen)}
	}
	token, err := readToken(tokenFile)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(cmd.Context())
	defer stop()
	go func() { // the demo holds the other end: a demo that is killed takes its parcels along
		_, _ = io.Copy(io.Discard, cmd.InOrStdin())
		stop()
	}()
	l, err := net.Listen("tcp", listen)
	if err != nil {
		return fmt.Errorf("listen for parcels: %w", err)
	}
	fmt.Fprintf(cmd.OutOrStdout(), "parcels: http://%s/parcels/{key}\n", l.Addr())
	s := &http.Server{
		Handler: parcelSystem(token), ReadTimeout: parcelTime, WriteTimeout: parcelTime, MaxHeaderBytes: parcelHead,
		ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError), // no number in a log
	}
	context.AfterFunc(ctx, func() { _ = s.Close() })
	if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve parcels: %w", err)
	}
	return nil
}

// readToken is the token of a file, "" without a file.
func readToken(file string) (string, error) {
	if file == "" {
		return "", nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("read --token-file: %w", err)
	}
	if text = bytes.TrimSpace(text); len(text) == 0 {
		return "", &rivage.Error{Code: rivage.Invalid, Message: "read --token-file: the file is empty; write the token into it"}
	}
	return string(text), nil
}

// parcelSystem answers for parcels to those who show the token, to all when there is none.
func parcelSystem(token string) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /parcels/{number}", func(w http.ResponseWriter, r *http.Request) {
		number := r.PathValue("number")
		if !isParcel(number) {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		_ = json.NewEncoder(w).Encode(parcelOf(number)) // whoever asked may have gone
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if token != "" && !bears(r, token) {
			w.Header().Set("WWW-Authenticate", "Bearer")
			http.Error(w, http.StatusText(http.StatusUnauthorized), http.StatusUnauthorized)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// bears says whether a request shows the token. Hashes are compared, so that the time tells nothing of its length either.
func bears(r *http.Request, token string) bool {
	scheme, shown, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	got, want := sha256.Sum256([]byte(shown)), sha256.Sum256([]byte(token))
	return strings.EqualFold(scheme, "Bearer") && subtle.ConstantTimeCompare(got[:], want[:]) == 1
}

// isParcel says whether a number is one of the Messagerie du Ponant's: PN and nine digits.
func isParcel(number string) bool {
	digits, ok := strings.CutPrefix(number, "PN")
	return ok && len(digits) == 9 && strings.Trim(digits, "0123456789") == ""
}

// parcel is one record. Nobody and nothing in it exists.
type parcel struct {
	Number       string      `json:"number"`
	Status       string      `json:"status"`
	Town         string      `json:"town"`
	Expected     string      `json:"expected"`
	Recipient    recipient   `json:"recipient"`
	ContentValue json.Number `json:"content_value"` // euros
}

type recipient struct {
	Name    string `json:"name"`
	Address string `json:"address"`
	Phone   string `json:"phone"`
}

// What parcels are made of. The telephone numbers are of the ranges that ARCEP keeps for fiction.
var (
	parcelStates = []string{
		"Pris en charge", "En cours d'acheminement", "En cours de livraison", "Livré", "En attente au point relais", "Retour à l'expéditeur",
	}
	parcelTowns   = []string{"Port-Exemple", "Villefictive", "Saint-Modèle", "Bourg-Témoin", "Essai-sur-Mer", "Le Spécimen"}
	parcelFirst   = []string{"Camille", "Dominique", "Claude", "Maëlle", "Yannick", "Zoé", "Aïcha", "Loïc"}
	parcelLast    = []string{"Exemple", "Fictif", "Modèle", "Spécimen", "Essai", "Témoin", "Personne"}
	parcelStreets = []string{"rue de l'Exemple", "impasse du Modèle", "allée des Spécimens", "quai de la Fiction", "place de l'Essai"}
	parcelPhones  = []string{"06 39 98", "02 61 91"}
)

// parcelFrom is the first day on which a parcel may be expected: a fixed one, so that a number always gives one answer.
var parcelFrom = time.Date(2026, time.December, 1, 0, 0, 0, 0, time.UTC)

// parcelOf makes a record up from a number: the same one each time.
func parcelOf(number string) parcel {
	h := sha256.Sum256([]byte(number))
	pick := func(from []string, i int) string { return from[int(h[i])%len(from)] }
	town := pick(parcelTowns, 1)
	cents := (int(h[8])<<8 | int(h[9])) % 50000
	return parcel{
		Number: number, Status: pick(parcelStates, 0), Town: town,
		Expected: parcelFrom.AddDate(0, 0, int(h[2])%28).Format(time.DateOnly),
		Recipient: recipient{
			Name:    pick(parcelFirst, 3) + " " + pick(parcelLast, 4),
			Address: fmt.Sprintf("%d %s, %s", 1+int(h[5])%98, pick(parcelStreets, 6), town),
			Phone:   fmt.Sprintf("%s %02d %02d", pick(parcelPhones, 7), h[10]%100, h[11]%100),
		},
		ContentValue: json.Number(fmt.Sprintf("%d.%02d", 5+cents/100, cents%100)),
	}
}
