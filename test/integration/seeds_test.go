// SPDX-License-Identifier: EUPL-1.2

package integration

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
)

// seeds are what a parcel of these tests says, and stand nowhere else: long words, so that chance does not make them, with
// accents, so that every way to write them differs.
var seeds = map[string]string{
	"status": "Égarée à Pouldreuzigvélen", "town": "Kerzhéridoùen-la-Forêt", "expected": "2031-09-17",
	"recipient.name": "Maëlys Trébaolvihannec'h", "recipient.address": "7 bis, impasse des Frênaizières & Obscurcies",
	"recipient.phone": "06 39 98 42 17", "content_value": "731642.57",
}

// parcelSystem plays the client organisation's own system.
func parcelSystem(t *testing.T) string {
	t.Helper()
	parcel := map[string]any{
		"number": "PN000000001", "status": seeds["status"], "town": seeds["town"], "expected": seeds["expected"],
		"recipient":     map[string]string{"name": seeds["recipient.name"], "address": seeds["recipient.address"], "phone": seeds["recipient.phone"]},
		"content_value": json.Number(seeds["content_value"]),
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/parcels/PN000000001" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(parcel) // whoever asked may have gone
	}))
	t.Cleanup(s.Close)
	return s.Listener.Addr().String()
}

// leaks are the seeds that stand in what somebody got.
func leaks(got []byte) []string { return standIn(got, seeds) }

// got is every byte of an answer: its status line's code, its headers, its body.
func got(status int, h http.Header, body []byte) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%d\n", status)
	_ = h.Write(&b)
	b.Write(body)
	return b.Bytes()
}
