// SPDX-License-Identifier: EUPL-1.2

package person

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"rivage.example/rivage"
)

// Version tells one state of a card from every other: who it is of, what was written on it, who is merged into it, and the
// customer organisation, nil for none. The version of the person's stream does not: it moves when somebody looks.
func Version(p rivage.PersonRow, rows []rivage.ValueRow, o *rivage.OrganisationRow) string {
	type value struct {
		Subject rivage.ID
		Field   string
		Seq     rivage.Seq
	}
	state := struct {
		Person       rivage.ID
		Merged       []rivage.Merge
		Values       []value
		Organisation *rivage.OrganisationRow
	}{Person: p.ID, Merged: p.Merged, Organisation: o}
	for _, r := range rows {
		state.Values = append(state.Values, value{r.Subject, r.Field, r.Seq})
	}
	text, err := json.Marshal(state)
	if err != nil { // ids, numbers and bytes always encode
		return ""
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:16])
}
