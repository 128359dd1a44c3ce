// SPDX-License-Identifier: EUPL-1.2

package api

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// who are the sessions of the table below: nobody, each role over "colis", and those over everything.
var who = []string{
	"", "agent.colis", "supervisor.colis", "administrator.colis", "dpo.colis",
	"supervisor.mutuelle", "administrator.all", "dpo.all",
}

// routes says of every operation what each of who gets.
var routes = []struct {
	method, path, body, headers string
	want                        [8]int
}{
	{"POST", "/api/session", `{"login":"agent.colis","password":"juste"}`, "", [8]int{200, 200, 200, 200, 200, 200, 200, 200}},
	{"GET", "/api/session", "", "", [8]int{401, 200, 200, 200, 200, 200, 200, 200}},
	{"DELETE", "/api/session", "", "", [8]int{401, 204, 204, 204, 204, 204, 204, 204}},
	{"GET", "/api/invitations/{token}=invitation-token", "", "", [8]int{200, 200, 200, 200, 200, 200, 200, 200}},
	{"POST", "/api/invitations/{token}=invitation-token", `{"password":"juste"}`, "", [8]int{200, 200, 200, 200, 200, 200, 200, 200}},
	{"GET", "/api/live", "", "", [8]int{401, 422, 422, 422, 422, 422, 422, 422}},

	{"POST", "/api/workstations", `{"id":"poste-12","name":"Poste 12","site":"brest","until":"2027-06-30"}`, "", [8]int{401, 403, 403, 403, 403, 403, 200, 403}},
	{"POST", "/api/workstations/enrolment", `{"code":"ABCDEFGHJKMNPQRS","key":"AAAA"}`, "", [8]int{200, 200, 200, 200, 200, 200, 200, 200}},
	{"POST", "/api/workstations/enrolment", `{"code":"another","key":"AAAA"}`, "", [8]int{404, 404, 404, 404, 404, 404, 404, 404}},
	{"GET", "/api/workstations/challenge", "", "", [8]int{200, 200, 200, 200, 200, 200, 200, 200}},
	{"GET", "/api/session/workstation", "", "", [8]int{401, 200, 200, 200, 200, 200, 200, 200}},
	{"POST", "/api/session/workstation", `{"workstation":"poste-12","challenge":"x","signature":"AAAA"}`, "", [8]int{401, 204, 204, 204, 204, 204, 204, 204}},

	{"POST", "/api/offers/{offer}=o-1/leg", `{"sdp":"v=0"}`, "", [8]int{401, 404, 403, 403, 403, 403, 403, 403}},
	{"POST", "/api/interactions/{id}=i-colis/leg", `{"sdp":"v=0"}`, "", [8]int{401, 404, 403, 403, 403, 403, 403, 403}},
	{"GET", "/api/demo", "", "", [8]int{200, 200, 200, 200, 200, 200, 200, 200}},
	{"POST", "/api/demo/calls", `{"number":"+33970000001","sdp":"v=0"}`, "", [8]int{200, 200, 200, 200, 200, 429, 429, 429}},
	{"DELETE", "/api/demo/calls/{leg}=leg-of-the-demo-caller", "", "", [8]int{204, 204, 204, 204, 204, 204, 204, 204}},

	{"GET", "/api/interactions", "", "", [8]int{401, 200, 200, 403, 200, 200, 403, 200}},
	{"GET", "/api/interactions/{id}=i-colis", "", "", [8]int{401, 404, 200, 403, 200, 404, 403, 200}},
	{"GET", "/api/why/{seq}=0", "", "", [8]int{401, 403, 200, 403, 200, 404, 403, 200}},
	{"GET", "/api/decisions/{seq}=0", "", "", [8]int{401, 403, 200, 403, 200, 404, 403, 200}},
	{"POST", "/api/interactions/{id}=i-colis/fields", `{"fields":["caller"]}`, "", [8]int{401, 404, 200, 403, 200, 404, 403, 200}},
	{"GET", "/api/recordings/{object}=r-colis/audio", "", "", [8]int{401, 404, 200, 403, 200, 404, 403, 200}},
	{"GET", "/api/recordings/{object}=old-colis/audio", "", "", [8]int{401, 404, 410, 403, 410, 404, 403, 410}},
	{"GET", "/api/callbacks", "", "", [8]int{401, 200, 200, 403, 200, 200, 403, 200}},
	{"POST", "/api/callbacks/{interaction}=i-colis", `{"outcome":"called"}`, "", [8]int{401, 404, 200, 403, 403, 404, 403, 403}},

	{"GET", "/api/persons?tel=0600000001", "", "", [8]int{401, 403, 403, 403, 200, 403, 403, 200}},
	{"POST", "/api/persons/{id}=p-colis/erase", `{"confirm":true}`, "", [8]int{401, 403, 403, 403, 200, 403, 403, 200}},
	{"GET", "/api/journal", "", "", [8]int{401, 403, 403, 403, 200, 403, 403, 200}},
	{"GET", "/api/rules/{principal}=colis/matrix", "", "", [8]int{401, 403, 403, 200, 200, 403, 200, 200}},
	{"GET", "/api/rules/{principal}=mutuelle/matrix", "", "", [8]int{401, 403, 403, 404, 404, 403, 200, 200}},

	{"GET", "/api/packs", "", "", [8]int{401, 403, 403, 200, 200, 403, 200, 200}},
	{"GET", "/api/law/{principal}=colis", "", "", [8]int{401, 403, 403, 200, 200, 403, 200, 200}},
	{"GET", "/api/law/{principal}=mutuelle", "", "", [8]int{401, 403, 403, 404, 404, 403, 200, 200}},
	{"POST", "/api/contradictions/{account}=ana", `{"seq":7}`, "", [8]int{401, 403, 204, 403, 204, 404, 403, 204}},
	{"POST", "/api/contradictions/{account}=ana", `{"seq":6}`, "", [8]int{401, 403, 409, 403, 409, 404, 403, 409}},
	{"POST", "/api/unusual/{account}=ana/{what}=hours", `{"seq":8}`, "", [8]int{401, 403, 204, 403, 204, 404, 403, 204}},
	{"POST", "/api/unusual/{account}=ana/{what}=hours", `{"seq":6}`, "", [8]int{401, 403, 409, 403, 409, 404, 403, 409}},
	{"POST", "/api/unusual/{account}=ana/{what}=place", `{"seq":8}`, "", [8]int{401, 403, 404, 403, 404, 404, 403, 404}},
	{"GET", "/api/frame", "", "", [8]int{401, 200, 200, 200, 200, 200, 200, 200}},
	{"GET", "/api/frame/consequences?profile=souverain", "", "", [8]int{401, 403, 403, 200, 200, 403, 200, 200}},
	{"GET", "/api/openings", "", "", [8]int{401, 403, 403, 404, 404, 403, 200, 200}},
	{"GET", "/api/interactions/{id}=i-colis/cards", "", "", [8]int{401, 404, 403, 403, 403, 403, 403, 403}},
	{"POST", "/api/interactions/{id}=i-colis/cards", `{"source":"colis","key":"1"}`, "", [8]int{401, 404, 403, 403, 403, 403, 403, 403}},
	{"POST", "/api/interactions/{id}=i-colis/person", "", "", [8]int{401, 404, 403, 403, 403, 403, 403, 403}},
	{"PUT", "/api/interactions/{id}=i-colis/person", `{"changes":[{"field":"name","value":"Ana"}]}`, `If-Match="v"`, [8]int{401, 404, 403, 403, 403, 403, 403, 403}},
	{"POST", "/api/interactions/{id}=i-colis/person/search", `{"text":"ana"}`, "", [8]int{401, 404, 403, 403, 403, 403, 403, 403}},
	{"POST", "/api/interactions/{id}=i-colis/person/merge", `{"person":"p-colis","confirm":true}`, `If-Match="v"`, [8]int{401, 404, 403, 403, 403, 403, 403, 403}},
	{"POST", "/api/interactions/{id}=i-colis/person/undo", `{"person":"p-colis","confirm":true}`, `If-Match="v"`, [8]int{401, 404, 403, 403, 403, 403, 403, 403}},
	{"PUT", "/api/interactions/{id}=i-colis/person/organisation", `{"siren":"356000000","name":"La Poste"}`, `If-Match="v"`, [8]int{401, 404, 403, 403, 403, 403, 403, 403}},
	{"GET", "/api/consultation/{token}=gone", "", "", [8]int{401, 404, 404, 403, 404, 404, 403, 404}},

	{"GET", "/api/settings", "", "", [8]int{401, 403, 403, 200, 200, 403, 200, 200}},
	{"GET", "/api/settings/{type}=queue", "", "", [8]int{401, 403, 403, 200, 200, 403, 200, 200}},
	{"PUT", "/api/settings/{type}=queue/{id}=colis", `{"principal":"colis"}`, `If-Match="1"`, [8]int{401, 403, 403, 200, 403, 403, 200, 403}},
	{"PUT", "/api/settings/{type}=queue/{id}=mutuelle", `{"principal":"mutuelle"}`, `If-Match="3"`, [8]int{401, 403, 403, 403, 403, 403, 200, 403}},
	{"PUT", "/api/settings/{type}=queue/{id}=mutuelle", `{"principal":"colis"}`, `If-Match="3"`, [8]int{401, 403, 403, 404, 403, 403, 200, 403}},
	{"PUT", "/api/settings/{type}=account/{id}=x", `{"roles":[]}`, `If-Match="0"`, [8]int{401, 403, 403, 403, 403, 403, 200, 403}},
	{"PUT", "/api/settings/{type}=rules/{id}=colis", `{"principal":"colis"}`, `If-Match="1"`, [8]int{401, 403, 403, 200, 200, 403, 200, 200}},
	{"POST", "/api/settings/{type}=rules/{id}=colis/trial?days=30", `{"principal":"colis"}`, `If-Match="1"`, [8]int{401, 403, 403, 200, 200, 403, 200, 200}},
	{"POST", "/api/settings/{type}=rules/{id}=mutuelle/trial", `{"principal":"mutuelle"}`, `If-Match="3"`, [8]int{401, 403, 403, 403, 403, 403, 200, 200}},
	{"PUT", "/api/settings/{type}=rules/{id}=mutuelle", `{"principal":"colis"}`, `If-Match="3"`, [8]int{401, 403, 403, 403, 403, 403, 200, 200}},
	{"PUT", "/api/settings/{type}=matrix/{id}=mutuelle", `{"principal":"colis"}`, `If-Match="0"`, [8]int{401, 403, 403, 403, 403, 403, 200, 200}},
	{"PUT", "/api/settings/{type}=safeguard/{id}=x", `{"principal":"mutuelle"}`, `If-Match="0"`, [8]int{401, 403, 403, 403, 403, 403, 200, 200}},
	{"PUT", "/api/settings/{type}=safeguard/{id}=x", `{"principal":"colis"}`, `If-Match="0"`, [8]int{401, 403, 403, 200, 200, 403, 200, 200}},
	{"PUT", "/api/settings/{type}=exception/{id}=x", `{"agent":"ana"}`, `If-Match="0"`, [8]int{401, 403, 403, 403, 403, 403, 403, 200}},
	{"DELETE", "/api/settings/{type}=exception/{id}=organisation-exception", "", `If-Match="1"`, [8]int{401, 403, 403, 403, 404, 403, 403, 204}},
	{"PUT", "/api/settings/{type}=workstation/{id}=x", `{"site":"brest"}`, `If-Match="0"`, [8]int{401, 403, 403, 403, 403, 403, 200, 403}},
	{"PUT", "/api/settings/{type}=frame/{id}=organisation", `{"profile":"souverain"}`, `If-Match="0"`, [8]int{401, 403, 403, 403, 403, 403, 200, 200}},
	{"DELETE", "/api/settings/{type}=queue/{id}=colis", "", `If-Match="1"`, [8]int{401, 403, 403, 204, 403, 403, 204, 403}},
	{"DELETE", "/api/settings/{type}=queue/{id}=mutuelle", "", `If-Match="3"`, [8]int{401, 403, 403, 404, 403, 403, 204, 403}},
	{"GET", "/api/prompts/{id}=colis/audio", "", "", [8]int{401, 403, 403, 200, 200, 403, 200, 200}},
	{"GET", "/api/prompts/{id}=mutuelle/audio", "", "", [8]int{401, 403, 403, 404, 404, 403, 200, 200}},
	{"POST", "/api/prompts/{id}=colis/audio", "RIFF", "Content-Type=audio/wav", [8]int{401, 403, 403, 200, 403, 403, 200, 403}},
	{"POST", "/api/prompts/{id}=mutuelle/audio", "RIFF", "Content-Type=audio/wav", [8]int{401, 403, 403, 404, 403, 403, 200, 403}},
	{"POST", "/api/prompts/{id}=colis/synthesise", "", "", [8]int{401, 403, 403, 503, 403, 403, 503, 403}},
	{"POST", "/api/accounts/{id}=organisation-account/invitation", "", "", [8]int{401, 403, 403, 404, 403, 403, 200, 403}},
	{"POST", "/api/accounts/{id}=organisation-account/revoke", "", "", [8]int{401, 403, 403, 404, 403, 403, 204, 403}},

	{"GET", "/api/connections", "", "", [8]int{401, 403, 403, 404, 404, 403, 200, 200}},
	{"POST", "/api/supports/{id}=sofia", `{"company":"editeur","country":"FR","hours":2}`, "", [8]int{401, 403, 403, 403, 403, 403, 204, 204}},
	{"POST", "/api/supports/{id}=sofia", `{"company":"editeur","country":"US","hours":2}`, "", [8]int{401, 403, 403, 403, 403, 403, 403, 403}},
	{"POST", "/api/supports/{id}=sofia", `{"company":"editeur","country":"FR","hours":9}`, "", [8]int{401, 403, 403, 422, 422, 403, 422, 422}},
	{"POST", "/api/supports/{id}=anne", `{"company":"editeur","country":"FR","hours":2}`, "", [8]int{401, 403, 403, 403, 403, 403, 404, 404}},
	{"POST", "/api/supports/{id}=sofia/confirm", `{"company":"editeur","country":"FR","until":"2026-11-29T10:00:00Z"}`, "", [8]int{401, 403, 403, 403, 403, 403, 204, 204}},
	{"DELETE", "/api/supports/{id}=sofia", "", "", [8]int{401, 403, 403, 403, 403, 403, 204, 204}},

	{"GET", "/checkpoint", "", "", [8]int{200, 200, 200, 200, 200, 200, 200, 200}},
	{"GET", "/profil.svg", "", "", [8]int{200, 200, 200, 200, 200, 200, 200, 200}},
	{"GET", "/profil.json", "", "", [8]int{200, 200, 200, 200, 200, 200, 200, 200}},
	{"GET", "/tile/{path...}=0/000", "", "", [8]int{401, 403, 403, 403, 403, 403, 403, 200}},
	{"GET", "/tile/{path...}=0/999", "", "", [8]int{401, 403, 403, 403, 403, 403, 403, 404}},
	{"GET", "/openapi.json", "", "", [8]int{200, 200, 200, 200, 200, 200, 200, 200}},
	{"GET", "/api/unknown", "", "", [8]int{404, 404, 404, 404, 404, 404, 404, 404}},
	{"GET", "/docs", "", "", [8]int{404, 404, 404, 404, 404, 404, 404, 404}}, // the library's own page loads scripts from elsewhere
	{"GET", "/schemas/Me", "", "", [8]int{404, 404, 404, 404, 404, 404, 404, 404}},
	{"GET", "/openapi.yaml", "", "", [8]int{404, 404, 404, 404, 404, 404, 404, 404}},
	{"GET", "/", "", "", [8]int{200, 200, 200, 200, 200, 200, 200, 200}},
	{"GET", "/desk/", "", "", [8]int{200, 200, 200, 200, 200, 200, 200, 200}},
	{"GET", "/desk/appels/en-cours", "", "", [8]int{200, 200, 200, 200, 200, 200, 200, 200}},
	{"GET", "/desk/assets/gone.js", "", "", [8]int{404, 404, 404, 404, 404, 404, 404, 404}},
	{"GET", "/control/../../etc/passwd", "", "", [8]int{307, 307, 307, 307, 307, 307, 307, 307}},
	{"GET", "/control/", "", "", [8]int{200, 200, 200, 200, 200, 200, 200, 200}},
	{"GET", "/appeler/", "", "", [8]int{200, 200, 200, 200, 200, 200, 200, 200}},
}

// concrete replaces "{name}=value" by value, and template by {name}.
func concrete(path string) (url, template string) {
	var u, t []string
	for _, part := range strings.Split(path, "/") {
		name, value, ok := strings.Cut(part, "}=")
		if !ok {
			u, t = append(u, part), append(t, part)
			continue
		}
		u, t = append(u, value), append(t, name+"}")
	}
	return strings.Join(u, "/"), strings.Join(t, "/")
}

func TestEachRouteAnswersEachRoleInItsScope(t *testing.T) {
	for _, r := range routes {
		path, _ := concrete(strings.ReplaceAll(r.path, "{path...}=0/", "0/"))
		t.Run(r.method+" "+r.path, func(t *testing.T) {
			b := newBench(t)
			for i, as := range who {
				var headers []string
				if k, v, ok := strings.Cut(r.headers, "="); ok {
					headers = []string{k, v}
				}
				res, body := b.ask(t, as, r.method, path, r.body, headers...)
				if res.StatusCode != r.want[i] {
					t.Errorf("as %q: got %d %s, want %d", as, res.StatusCode, body, r.want[i])
				}
				if res.StatusCode >= 400 {
					var p Problem
					if err := json.Unmarshal([]byte(body), &p); err != nil || p.Code == "" || p.Detail == "" || p.Status != res.StatusCode ||
						res.Header.Get("Content-Type") != problemJSON {
						t.Errorf("as %q: %d is not a problem: %s %s", as, res.StatusCode, res.Header.Get("Content-Type"), body)
					}
				}
			}
		})
	}
}

// A route without a row in the table above fails here.
func TestEveryRouteHasARow(t *testing.T) {
	b := newBench(t)
	var document struct {
		Paths map[string]map[string]any `json:"paths"`
	}
	if err := json.Unmarshal(b.s.spec, &document); err != nil {
		t.Fatal(err)
	}
	rows := map[string]bool{}
	for _, r := range routes {
		_, template := concrete(r.path)
		template, _, _ = strings.Cut(template, "?")
		rows[r.method+" "+template] = true
	}
	for _, path := range slices.Sorted(maps.Keys(document.Paths)) {
		for method := range document.Paths[path] {
			if key := strings.ToUpper(method) + " " + path; !rows[key] {
				t.Errorf("%s has no row in the table of routes", key)
			}
		}
	}
}

// CSRF: what another site can make a browser send is refused; GET passes, and therefore never writes.
func TestAnotherSiteCannotWrite(t *testing.T) {
	b := newBench(t)
	for _, c := range []struct {
		name    string
		method  string
		headers []string
		want    int
	}{
		{"same origin", "POST", []string{"Sec-Fetch-Site", "same-origin"}, 200},
		{"no headers at all", "POST", nil, 200},
		{"own origin", "POST", []string{"Origin", b.URL}, 200},
		{"cross-site", "POST", []string{"Sec-Fetch-Site", "cross-site"}, 403},
		{"same site, other host", "POST", []string{"Sec-Fetch-Site", "same-site"}, 403},
		{"foreign origin alone", "POST", []string{"Origin", "https://evil.example"}, 403},
		{"opaque origin", "POST", []string{"Origin", "null"}, 403},
		{"own origin, cross-site fetch", "POST", []string{"Origin", b.URL, "Sec-Fetch-Site", "cross-site"}, 403},
		{"reading", "GET", []string{"Sec-Fetch-Site", "cross-site"}, 200},
	} {
		t.Run(c.name, func(t *testing.T) {
			path, body := "/api/session", `{"login":"agent.colis","password":"juste"}`
			if c.method == "GET" {
				body = ""
			}
			if res, text := b.ask(t, "agent.colis", c.method, path, body, c.headers...); res.StatusCode != c.want {
				t.Errorf("got %d %s, want %d", res.StatusCode, text, c.want)
			}
		})
	}
}

// GET never writes: no read but those that show something appends, and none commands the floor.
func TestReadingCommandsNothing(t *testing.T) {
	b := newBench(t)
	for _, r := range routes {
		if r.method == http.MethodGet {
			path, _ := concrete(strings.ReplaceAll(r.path, "{path...}=0/", "0/"))
			b.ask(t, "dpo.all", "GET", path, "")
		}
	}
	if n := len(b.floor.got); n != 0 {
		t.Errorf("got %d commands from reads, want none: %T", n, b.floor.got[0])
	}
}

// Who supports from outside reads what is configured, names nobody, and changes nothing: every other route that asks for a
// session refuses them.
func TestSupportReadsWhatNamesNobody(t *testing.T) {
	b := newBench(t)
	open := []string{
		"GET /api/settings", "GET /api/settings/{type}=queue", "GET /api/session", "DELETE /api/session", "GET /api/frame", "GET /api/live",
		"GET /api/session/workstation", "POST /api/session/workstation", // of the own session
	}
	for _, r := range routes {
		if r.want[0] != 401 {
			continue
		}
		path, _ := concrete(strings.ReplaceAll(r.path, "{path...}=0/", "0/"))
		var headers []string
		if k, v, ok := strings.Cut(r.headers, "="); ok {
			headers = []string{k, v}
		}
		res, body := b.ask(t, "support.all", r.method, path, r.body, headers...)
		if slices.Contains(open, r.method+" "+r.path) {
			if res.StatusCode == 403 || res.StatusCode == 401 {
				t.Errorf("%s %s: %d %s", r.method, r.path, res.StatusCode, body)
			}
			if r.method == "DELETE" {
				b = newBench(t)
			}
			continue
		}
		if res.StatusCode != 403 && res.StatusCode != 404 {
			t.Errorf("%s %s: %d %s", r.method, r.path, res.StatusCode, body)
		}
	}
	for kind, want := range map[string]bool{"trunk": true, "account": false} {
		if res, body := b.ask(t, "support.all", "GET", "/api/settings/"+kind, ""); res.StatusCode != 200 || strings.Contains(body, `"id"`) != want {
			t.Errorf("%s: %d %s", kind, res.StatusCode, body)
		}
	}
}
