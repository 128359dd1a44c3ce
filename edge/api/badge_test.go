// SPDX-License-Identifier: EUPL-1.2

package api

import (
	"encoding/xml"
	"strings"
	"testing"

	"rivage.example/rivage"
	"rivage.example/rivage/engine/view"
)

// The badge says the profile in force and the entry that set it, in a picture that a reader of the page hears too, whatever
// stands in the name of the organisation; and it claims nothing that the software does not do.
func TestTheBadgeSaysTheProfile(t *testing.T) {
	for profile, want := range map[rivage.Profile]string{rivage.Souverain: "profil souverain", rivage.Encadre: "profil encadré"} {
		svg := drawBadge(`Ponant "& fils" <script>`, view.Badge{Profile: profile, Since: "2026-11-28T09:00:00.000Z", Seq: 61})
		for _, text := range []string{want, "depuis le 28/11/2026, écriture 61", "Ponant &#34;&amp; fils&#34; &lt;script&gt;", `role="img"`} {
			if !strings.Contains(svg, text) {
				t.Errorf("%s: %q is not in %s", profile, text, svg)
			}
		}
		if err := xml.Unmarshal([]byte(svg), new(struct{})); err != nil {
			t.Errorf("%s: %v", profile, err)
		}
		for _, never := range []string{"certifi", "aucun transfert", "sans transfert", "100 %"} {
			if strings.Contains(svg, never) {
				t.Errorf("%s claims %q", profile, never)
			}
		}
	}
	if svg := drawBadge("Ponant", view.Badge{Profile: rivage.Souverain}); !strings.Contains(svg, "par défaut") {
		t.Error(svg)
	}
}
