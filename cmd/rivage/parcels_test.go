// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"rivage.example/rivage"
	"rivage.example/rivage/edge/egress"
	"rivage.example/rivage/edge/link"
)

func TestParcelSystem(t *testing.T) {
	for _, c := range []struct {
		name, token, method, path, authorization string
		want                                     int
	}{
		{"a parcel", "", "GET", "/parcels/PN123456789", "", 200},
		{"a token nobody asked for", "", "GET", "/parcels/PN123456789", "Bearer x", 200},
		{"no parcel", "", "GET", "/parcels/XX123456789", "", 404},
		{"too short", "", "GET", "/parcels/PN12345678", "", 404},
		{"too long", "", "GET", "/parcels/PN1234567890", "", 404},
		{"no digits", "", "GET", "/parcels/PN12345678a", "", 404},
		{"other digits", "", "GET", "/parcels/PN12345678%D9%A3", "", 404},
		{"lower case", "", "GET", "/parcels/pn123456789", "", 404},
		{"a path in the number", "", "GET", "/parcels/PN123456789%2F..", "", 404},
		{"a path below", "", "GET", "/parcels/PN123456789/recipient", "", 404},
		{"the list", "", "GET", "/parcels/", "", 404},
		{"the root", "", "GET", "/", "", 404},
		{"a write", "", "POST", "/parcels/PN123456789", "", 405},
		{"the right token", "jeton", "GET", "/parcels/PN123456789", "Bearer jeton", 200},
		{"its scheme in lower case", "jeton", "GET", "/parcels/PN123456789", "bearer jeton", 200},
		{"no token", "jeton", "GET", "/parcels/PN123456789", "", 401},
		{"an empty token", "jeton", "GET", "/parcels/PN123456789", "Bearer ", 401},
		{"another token", "jeton", "GET", "/parcels/PN123456789", "Bearer jeto", 401},
		{"a longer token", "jeton", "GET", "/parcels/PN123456789", "Bearer jeton ", 401},
		{"another scheme", "jeton", "GET", "/parcels/PN123456789", "Basic jeton", 401},
		{"the token alone", "jeton", "GET", "/parcels/PN123456789", "jeton", 401},
		{"no parcel and no token", "jeton", "GET", "/parcels/XX", "", 401},
	} {
		r := httptest.NewRequest(c.method, c.path, nil)
		if c.authorization != "" {
			r.Header.Set("Authorization", c.authorization)
		}
		w := httptest.NewRecorder()
		parcelSystem(c.token).ServeHTTP(w, r)
		isJSON := w.Header().Get("Content-Type") == "application/json"
		if w.Code != c.want || isJSON != (c.want == 200) {
			t.Errorf("%s: got %d %s, want %d", c.name, w.Code, w.Header().Get("Content-Type"), c.want)
		}
		if c.want != 200 && strings.Contains(w.Body.String(), "Exemple") {
			t.Errorf("%s: the answer holds a record: %s", c.name, w.Body)
		}
	}
}

// A number gives one record, numbers give different ones, and each can be seen to be made up.
func TestParcelsAreMadeUpFromTheirNumbers(t *testing.T) {
	shape := map[string]*regexp.Regexp{
		"number":   regexp.MustCompile(`^PN\d{9}$`),
		"expected": regexp.MustCompile(`^2026-12-\d\d$`),
		"address":  regexp.MustCompile(`^\d+ .*(Exemple|Modèle|Spécimen|Fiction|Essai)`),
		"name":     regexp.MustCompile(` (Exemple|Fictif|Modèle|Spécimen|Essai|Témoin|Personne)$`),
		"phone":    regexp.MustCompile(`^(06 39 98|02 61 91) \d\d \d\d$`),
		"value":    regexp.MustCompile(`^\d+\.\d\d$`),
	}
	seen := map[string]bool{}
	for n := range 200 {
		number := "PN" + strings.Repeat(string(rune('0'+n%10)), 6) + string([]rune{'0' + rune(n/100), '0' + rune(n/10%10), '0' + rune(n%10)})
		p := parcelOf(number)
		if p != parcelOf(number) {
			t.Fatalf("%s gives two records", number)
		}
		for field, text := range map[string]string{
			"number": p.Number, "expected": p.Expected, "address": p.Recipient.Address, "name": p.Recipient.Name,
			"phone": p.Recipient.Phone, "value": p.ContentValue.String(),
		} {
			if !shape[field].MatchString(text) {
				t.Errorf("%s: %s is %q", number, field, text)
			}
		}
		seen[p.Status], seen[p.Town] = true, true
	}
	if want := len(parcelStates) + len(parcelTowns); len(seen) != want {
		t.Errorf("200 numbers give %d states and towns, want %d", len(seen), want)
	}
}

// What the demo's system answers is what a card source can declare: looked up as serve does it, through the gate.
func TestAParcelIsLookedUpAsACard(t *testing.T) {
	s := httptest.NewServer(parcelSystem("jeton"))
	defer s.Close()
	src := &rivage.CardSource{ID: "colis", Principal: "messagerie", URL: s.URL + "/parcels/{key}", Secret: "card/colis", Timeout: 5}
	for _, name := range []string{"number", "status", "town", "expected", "recipient.name", "recipient.address", "recipient.phone", "content_value"} {
		src.Fields = append(src.Fields, rivage.CardField{Name: name, Class: rivage.ClassTracking})
	}
	token, networks := "jeton", []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}
	gate := egress.New(egress.Config{Clock: clock{}, Declared: func() []egress.Declared {
		return []egress.Declared{{Use: "card:colis", Networks: networks}}
	}})
	l := link.New(link.Config{Dial: gate.Dial, Secret: func(string) (string, error) { return token, nil }})

	card, err := l.Look(t.Context(), src, "PN123456789")
	if err != nil {
		t.Fatal(err)
	}
	p, got := parcelOf("PN123456789"), []string{}
	for _, v := range card.Fields {
		got = append(got, v.Text)
	}
	want := []string{
		p.Number, p.Status, p.Town, p.Expected, p.Recipient.Name, p.Recipient.Address, p.Recipient.Phone, p.ContentValue.String(),
	}
	if strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("got %q, want %q", got, want)
	}

	_, err = l.Look(t.Context(), src, "PN1")
	wantCode(t, "another number", err, rivage.NotFound)
	token = "autre"
	_, err = l.Look(t.Context(), src, "PN123456789")
	wantCode(t, "another token", err, rivage.Unavailable)
	token, src.Fields = "jeton", src.Fields[:7]
	_, err = l.Look(t.Context(), src, "PN123456789")
	wantCode(t, "a field nobody declared", err, rivage.Denied)
	networks = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	_, err = l.Look(t.Context(), src, "PN123456789")
	wantCode(t, "a network nobody declared", err, rivage.Denied)
}

func wantCode(t *testing.T, name string, err error, want rivage.Code) {
	t.Helper()
	if got := rivage.CodeOf(err); got != want {
		t.Errorf("%s: got %v (%s), want %s", name, err, got, want)
	}
}

func TestParcelsCommandLine(t *testing.T) {
	dir := t.TempDir()
	empty, good := filepath.Join(dir, "empty"), filepath.Join(dir, "good")
	for file, text := range map[string]string{empty: " \n", good: "jeton\n"} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{nil, exitUsage, "give a loopback address"},
		{[]string{"--listen", "0.0.0.0:0"}, exitUsage, "give a loopback address"},
		{[]string{"--listen", ":0"}, exitUsage, "give a loopback address"},
		{[]string{"--listen", "[::]:0"}, exitUsage, "give a loopback address"},
		{[]string{"--listen", "192.0.2.1:80"}, exitUsage, "give a loopback address"},
		{[]string{"--listen", "localhost:80"}, exitUsage, "give a loopback address"},
		{[]string{"--listen", "127.0.0.1"}, exitUsage, "give a loopback address"},
		{[]string{"--listen", "127.0.0.1:0", "--token-file", empty}, exitUsage, "the file is empty"},
		{[]string{"--listen", "127.0.0.1:0", "--token-file", filepath.Join(dir, "none")}, exitFailed, "read --token-file"},
		{[]string{"--listen", "127.0.0.1:0", "x"}, exitUsage, "accepts 0 arg"},
		{[]string{"--listen", "127.0.0.1:0", "--token-file", good}, 0, ""}, // its input is closed already
	} {
		var out, errs bytes.Buffer
		code := run(append([]string{"parcels"}, c.args...), strings.NewReader(""), &out, &errs)
		if code != c.code || !strings.Contains(errs.String(), c.says) {
			t.Errorf("%q: exit status %d, %q, want %d, %q", c.args, code, errs.String(), c.code, c.says)
		}
	}
}

// The verb is not shown, serves while its standard input is open, and says no number.
func TestParcelsServesWhileItsInputIsOpen(t *testing.T) {
	var help bytes.Buffer
	if run([]string{"--help"}, strings.NewReader(""), &help, io.Discard); strings.Contains(help.String(), "parcels") {
		t.Errorf("the help shows it:\n%s", help.String())
	}
	in, hold := io.Pipe()
	out, said := io.Pipe()
	var errs bytes.Buffer
	ended := make(chan int, 1)
	go func() {
		defer said.Close()
		ended <- run([]string{"parcels", "--listen", "127.0.0.1:0"}, in, said, &errs)
	}()
	line := make([]byte, 200)
	n, err := out.Read(line)
	if err != nil {
		t.Fatal(err)
	}
	url, ok := strings.CutPrefix(strings.TrimSpace(string(line[:n])), "parcels: ")
	if !ok {
		t.Fatalf("it says %q", line[:n])
	}
	resp, err := http.Get(strings.Replace(url, "{key}", "PN123456789", 1))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var got parcel
	if err := json.NewDecoder(resp.Body).Decode(&got); err != nil || got != parcelOf("PN123456789") {
		t.Errorf("got %+v, %v", got, err)
	}
	hold.Close()
	if code := <-ended; code != 0 {
		t.Errorf("exit status %d", code)
	}
	if more, _ := io.ReadAll(out); len(more)+errs.Len() > 0 {
		t.Errorf("it also said %q %q", more, errs.String())
	}
}
