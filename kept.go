// SPDX-License-Identifier: EUPL-1.2

package rivage

// Kept is how long the text of an entry's leaf is for. Hash and facts stay whatever it is.
type Kept string

// The three classes (CNIL, deliberation 2021-122): who came to which door, 6 to 12 months; who read or took what, up to 36
// months when internal control needs it; and what proves what was done for whom, which has no end that a program knows.
const (
	KeptSecurity Kept = "security"
	KeptControl  Kept = "control"
	KeptProof    Kept = "proof"
)

var kept = map[Kind]Kept{
	KindSignedIn: KeptSecurity, KindSignedOut: KeptSecurity, KindSignInRefused: KeptSecurity, KindPlaceContradicted: KeptSecurity, KindContradictionSeen: KeptSecurity,
	KindAccessUnusual: KeptSecurity, KindUnusualSeen: KeptSecurity,
	KindDoorRefused: KeptSecurity, KindEgressRefused: KeptSecurity,
	KindSupportChanged: KeptControl, KindConnectionOpened: KeptSecurity, KindConnectionMeasured: KeptSecurity,
	KindFieldShown: KeptControl, KindPersonsSearched: KeptControl, KindRecordingPlayed: KeptControl, KindExported: KeptControl,
	KindExportRefused: KeptControl, KindAccountChanged: KeptControl,
}

// Kept is the class of a kind.
func (k Kind) Kept() Kept {
	if c, ok := kept[k]; ok {
		return c
	}
	return KeptProof
}
