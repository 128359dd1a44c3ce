// SPDX-License-Identifier: EUPL-1.2

package rivage

import (
	"iter"
	"maps"
	"strings"
)

// The kinds. Their names never change meaning: a new meaning is a new kind.
const (
	KindInteractionOpened    Kind = "InteractionOpened"
	KindPromptPlayed         Kind = "PromptPlayed"
	KindInteractionQueued    Kind = "InteractionQueued"
	KindInteractionOffered   Kind = "InteractionOffered"
	KindOfferEnded           Kind = "OfferEnded"
	KindAreaChosen           Kind = "AreaChosen"
	KindOfferAccepted        Kind = "OfferAccepted"
	KindDisclosurePlayed     Kind = "DisclosurePlayed"
	KindInteractionAnswered  Kind = "InteractionAnswered"
	KindInteractionHeld      Kind = "InteractionHeld"
	KindInteractionResumed   Kind = "InteractionResumed"
	KindInteractionParked    Kind = "InteractionParked"
	KindInteractionRejoined  Kind = "InteractionRejoined"
	KindRecordingStarted     Kind = "RecordingStarted"
	KindRecordingOpposed     Kind = "RecordingOpposed"
	KindRecordingEnded       Kind = "RecordingEnded"
	KindRecordingExpired     Kind = "RecordingExpired"
	KindInteractionEnded     Kind = "InteractionEnded"
	KindInteractionAbandoned Kind = "InteractionAbandoned"
	KindInteractionDeflected Kind = "InteractionDeflected"
	KindInteractionFailed    Kind = "InteractionFailed"
	KindCallbackPromised     Kind = "CallbackPromised"
	KindCallbackClosed       Kind = "CallbackClosed"
	KindWrapUpExtended       Kind = "WrapUpExtended"
	KindInteractionClosed    Kind = "InteractionClosed"
	KindLegMeasured          Kind = "LegMeasured"
	KindAgentStateSet        Kind = "AgentStateSet"
	KindFieldShown           Kind = "FieldShown"
	KindCardAsked            Kind = "CardAsked"
	KindPersonsSearched      Kind = "PersonsSearched"
	KindRecordingPlayed      Kind = "RecordingPlayed"
	KindExported             Kind = "Exported"
	KindExportRefused        Kind = "ExportRefused"
	KindSignedIn             Kind = "SignedIn"
	KindSignedOut            Kind = "SignedOut"
	KindSignInRefused        Kind = "SignInRefused"
	KindPlaceContradicted    Kind = "PlaceContradicted"
	KindContradictionSeen    Kind = "ContradictionSeen"
	KindAccessUnusual        Kind = "AccessUnusual"
	KindUnusualSeen          Kind = "UnusualSeen"
	KindAccountChanged       Kind = "AccountChanged"
	KindSupportChanged       Kind = "SupportChanged"
	KindSettingSet           Kind = "SettingSet"
	KindSettingRemoved       Kind = "SettingRemoved"
	KindDoorRefused          Kind = "DoorRefused"
	KindEgressRefused        Kind = "EgressRefused"
	KindConnectionOpened     Kind = "ConnectionOpened"
	KindConnectionMeasured   Kind = "ConnectionMeasured"
	KindPersonErased         Kind = "PersonErased"
	KindPersonKept           Kind = "PersonKept"
	KindPersonsMerged        Kind = "PersonsMerged"
	KindMergeUndone          Kind = "MergeUndone"
	KindOrganisationKept     Kind = "OrganisationKept"
	KindPersonJoined         Kind = "PersonJoined"
	KindPersonLeft           Kind = "PersonLeft"
	KindOrganisationErased   Kind = "OrganisationErased"
	KindStarted              Kind = "Started"
	KindStopped              Kind = "Stopped"
	KindRestored             Kind = "Restored"
	KindLeafRestored         Kind = "LeafRestored"
	KindLeavesDropped        Kind = "LeavesDropped"
)

// kinds says of each kind which package of engine appends it, and makes the value its facts are read into. FieldShown
// has two owners: view for screens, floor for the number that a ringing SIP device displays.
var kinds = map[Kind]struct {
	owner string
	facts func() Facts
}{
	KindInteractionOpened:    {"floor", func() Facts { return new(InteractionOpened) }},
	KindPromptPlayed:         {"floor", func() Facts { return new(PromptPlayed) }},
	KindInteractionQueued:    {"floor", func() Facts { return new(InteractionQueued) }},
	KindInteractionOffered:   {"floor", func() Facts { return new(InteractionOffered) }},
	KindOfferEnded:           {"floor", func() Facts { return new(OfferEnded) }},
	KindAreaChosen:           {"floor", func() Facts { return new(AreaChosen) }},
	KindOfferAccepted:        {"floor", func() Facts { return new(OfferAccepted) }},
	KindDisclosurePlayed:     {"floor", func() Facts { return new(DisclosurePlayed) }},
	KindInteractionAnswered:  {"floor", func() Facts { return new(InteractionAnswered) }},
	KindInteractionHeld:      {"floor", func() Facts { return new(InteractionHeld) }},
	KindInteractionResumed:   {"floor", func() Facts { return new(InteractionResumed) }},
	KindInteractionParked:    {"floor", func() Facts { return new(InteractionParked) }},
	KindInteractionRejoined:  {"floor", func() Facts { return new(InteractionRejoined) }},
	KindRecordingStarted:     {"floor", func() Facts { return new(RecordingStarted) }},
	KindRecordingOpposed:     {"floor", func() Facts { return new(RecordingOpposed) }},
	KindRecordingEnded:       {"floor", func() Facts { return new(RecordingEnded) }},
	KindRecordingExpired:     {"retention", func() Facts { return new(RecordingExpired) }},
	KindInteractionEnded:     {"floor", func() Facts { return new(InteractionEnded) }},
	KindInteractionAbandoned: {"floor", func() Facts { return new(InteractionAbandoned) }},
	KindInteractionDeflected: {"floor", func() Facts { return new(InteractionDeflected) }},
	KindInteractionFailed:    {"floor", func() Facts { return new(InteractionFailed) }},
	KindCallbackPromised:     {"floor", func() Facts { return new(CallbackPromised) }},
	KindCallbackClosed:       {"floor", func() Facts { return new(CallbackClosed) }},
	KindWrapUpExtended:       {"floor", func() Facts { return new(WrapUpExtended) }},
	KindInteractionClosed:    {"floor", func() Facts { return new(InteractionClosed) }},
	KindLegMeasured:          {"floor", func() Facts { return new(LegMeasured) }},
	KindAgentStateSet:        {"floor", func() Facts { return new(AgentStateSet) }},
	KindFieldShown:           {"view floor", func() Facts { return new(FieldShown) }},
	KindCardAsked:            {"view", func() Facts { return new(CardAsked) }},
	KindPersonsSearched:      {"view", func() Facts { return new(PersonsSearched) }},
	KindRecordingPlayed:      {"view", func() Facts { return new(RecordingPlayed) }},
	KindExported:             {"view", func() Facts { return new(Exported) }},
	KindExportRefused:        {"view", func() Facts { return new(ExportRefused) }},
	KindSignedIn:             {"access", func() Facts { return new(SignedIn) }},
	KindSignedOut:            {"access", func() Facts { return new(SignedOut) }},
	KindSignInRefused:        {"access", func() Facts { return new(SignInRefused) }},
	KindPlaceContradicted:    {"access", func() Facts { return new(PlaceContradicted) }},
	KindContradictionSeen:    {"view", func() Facts { return new(ContradictionSeen) }},
	KindAccessUnusual:        {"access view", func() Facts { return new(AccessUnusual) }},
	KindUnusualSeen:          {"view", func() Facts { return new(UnusualSeen) }},
	KindAccountChanged:       {"access", func() Facts { return new(AccountChanged) }},
	KindSupportChanged:       {"config access", func() Facts { return new(SupportChanged) }},
	KindSettingSet:           {"config", func() Facts { return new(SettingSet) }},
	KindSettingRemoved:       {"config", func() Facts { return new(SettingRemoved) }},
	KindDoorRefused:          {"floor", func() Facts { return new(DoorRefused) }},
	KindEgressRefused:        {"policy", func() Facts { return new(EgressRefused) }},
	KindConnectionOpened:     {"policy", func() Facts { return new(ConnectionOpened) }},
	KindConnectionMeasured:   {"policy", func() Facts { return new(ConnectionMeasured) }},
	KindPersonErased:         {"person", func() Facts { return new(PersonErased) }},
	KindPersonKept:           {"person", func() Facts { return new(PersonKept) }},
	KindPersonsMerged:        {"person", func() Facts { return new(PersonsMerged) }},
	KindMergeUndone:          {"person", func() Facts { return new(MergeUndone) }},
	KindOrganisationKept:     {"person", func() Facts { return new(OrganisationKept) }},
	KindPersonJoined:         {"person", func() Facts { return new(PersonJoined) }},
	KindPersonLeft:           {"person", func() Facts { return new(PersonLeft) }},
	KindOrganisationErased:   {"person", func() Facts { return new(OrganisationErased) }},
	KindStarted:              {"floor", func() Facts { return new(Started) }},
	KindStopped:              {"floor", func() Facts { return new(Stopped) }},
	KindRestored:             {"ledger", func() Facts { return new(Restored) }},
	KindLeavesDropped:        {"ledger", func() Facts { return new(LeavesDropped) }},
	KindLeafRestored:         {"store", func() Facts { return new(LeafRestored) }},
}

// Owners are the packages of engine (or "ledger", "store") that alone append entries of this kind; none for an unknown kind.
func (k Kind) Owners() []string { return strings.Fields(kinds[k].owner) }

// Kinds is the closed list, in no order.
func Kinds() iter.Seq[Kind] { return maps.Keys(kinds) }

func newFacts(k Kind) (Facts, bool) {
	d, ok := kinds[k]
	if !ok {
		return nil, false
	}
	return d.facts(), true
}

// Kind implements Facts.
func (*CardAsked) Kind() Kind { return KindCardAsked }

// Kind implements Facts.
func (*AreaChosen) Kind() Kind { return KindAreaChosen }

// Kind implements Facts.
func (*InteractionOpened) Kind() Kind { return KindInteractionOpened }

// Kind implements Facts.
func (*PromptPlayed) Kind() Kind { return KindPromptPlayed }

// Kind implements Facts.
func (*InteractionQueued) Kind() Kind { return KindInteractionQueued }

// Kind implements Facts.
func (*InteractionOffered) Kind() Kind { return KindInteractionOffered }

// Kind implements Facts.
func (*OfferEnded) Kind() Kind { return KindOfferEnded }

// Kind implements Facts.
func (*OfferAccepted) Kind() Kind { return KindOfferAccepted }

// Kind implements Facts.
func (*DisclosurePlayed) Kind() Kind { return KindDisclosurePlayed }

// Kind implements Facts.
func (*InteractionAnswered) Kind() Kind { return KindInteractionAnswered }

// Kind implements Facts.
func (*InteractionHeld) Kind() Kind { return KindInteractionHeld }

// Kind implements Facts.
func (*InteractionResumed) Kind() Kind { return KindInteractionResumed }

// Kind implements Facts.
func (*InteractionParked) Kind() Kind { return KindInteractionParked }

// Kind implements Facts.
func (*InteractionRejoined) Kind() Kind { return KindInteractionRejoined }

// Kind implements Facts.
func (*RecordingStarted) Kind() Kind { return KindRecordingStarted }

// Kind implements Facts.
func (*RecordingOpposed) Kind() Kind { return KindRecordingOpposed }

// Kind implements Facts.
func (*RecordingEnded) Kind() Kind { return KindRecordingEnded }

// Kind implements Facts.
func (*RecordingExpired) Kind() Kind { return KindRecordingExpired }

// Kind implements Facts.
func (*InteractionEnded) Kind() Kind { return KindInteractionEnded }

// Kind implements Facts.
func (*InteractionAbandoned) Kind() Kind { return KindInteractionAbandoned }

// Kind implements Facts.
func (*InteractionDeflected) Kind() Kind { return KindInteractionDeflected }

// Kind implements Facts.
func (*InteractionFailed) Kind() Kind { return KindInteractionFailed }

// Kind implements Facts.
func (*CallbackPromised) Kind() Kind { return KindCallbackPromised }

// Kind implements Facts.
func (*CallbackClosed) Kind() Kind { return KindCallbackClosed }

// Kind implements Facts.
func (*WrapUpExtended) Kind() Kind { return KindWrapUpExtended }

// Kind implements Facts.
func (*InteractionClosed) Kind() Kind { return KindInteractionClosed }

// Kind implements Facts.
func (*LegMeasured) Kind() Kind { return KindLegMeasured }

// Kind implements Facts.
func (*AgentStateSet) Kind() Kind { return KindAgentStateSet }

// Kind implements Facts.
func (*FieldShown) Kind() Kind { return KindFieldShown }

// Kind implements Facts.
func (*RecordingPlayed) Kind() Kind { return KindRecordingPlayed }

// Kind implements Facts.
func (*Exported) Kind() Kind { return KindExported }

// Kind implements Facts.
func (*ExportRefused) Kind() Kind { return KindExportRefused }

// Kind implements Facts.
func (*SignedIn) Kind() Kind { return KindSignedIn }

// Kind implements Facts.
func (*SignedOut) Kind() Kind { return KindSignedOut }

// Kind implements Facts.
func (*SignInRefused) Kind() Kind { return KindSignInRefused }

// Kind implements Facts.
func (*PlaceContradicted) Kind() Kind { return KindPlaceContradicted }

// Kind implements Facts.
func (*AccessUnusual) Kind() Kind { return KindAccessUnusual }

// Kind implements Facts.
func (*UnusualSeen) Kind() Kind { return KindUnusualSeen }

// Kind implements Facts.
func (*ContradictionSeen) Kind() Kind { return KindContradictionSeen }

// Kind implements Facts.
func (*AccountChanged) Kind() Kind { return KindAccountChanged }

// Kind implements Facts.
func (*SupportChanged) Kind() Kind { return KindSupportChanged }

// Kind implements Facts.
func (*SettingSet) Kind() Kind { return KindSettingSet }

// Kind implements Facts.
func (*SettingRemoved) Kind() Kind { return KindSettingRemoved }

// Kind implements Facts.
func (*DoorRefused) Kind() Kind { return KindDoorRefused }

// Kind implements Facts.
func (*EgressRefused) Kind() Kind { return KindEgressRefused }

// Kind implements Facts.
func (*ConnectionOpened) Kind() Kind { return KindConnectionOpened }

// Kind implements Facts.
func (*ConnectionMeasured) Kind() Kind { return KindConnectionMeasured }

// Kind implements Facts.
func (*PersonErased) Kind() Kind { return KindPersonErased }

// Kind implements Facts.
func (*Started) Kind() Kind { return KindStarted }

// Kind implements Facts.
func (*Stopped) Kind() Kind { return KindStopped }

// Kind implements Facts.
func (*Restored) Kind() Kind { return KindRestored }

// Kind implements Facts.
func (*LeafRestored) Kind() Kind { return KindLeafRestored }

// Kind implements Facts.
func (*LeavesDropped) Kind() Kind { return KindLeavesDropped }

// Kind implements Facts.
func (*PersonKept) Kind() Kind { return KindPersonKept }

// Kind implements Facts.
func (*PersonsMerged) Kind() Kind { return KindPersonsMerged }

// Kind implements Facts.
func (*MergeUndone) Kind() Kind { return KindMergeUndone }

// Kind implements Facts.
func (*OrganisationKept) Kind() Kind { return KindOrganisationKept }

// Kind implements Facts.
func (*PersonJoined) Kind() Kind { return KindPersonJoined }

// Kind implements Facts.
func (*PersonLeft) Kind() Kind { return KindPersonLeft }

// Kind implements Facts.
func (*OrganisationErased) Kind() Kind { return KindOrganisationErased }

// Kind implements Facts.
func (*PersonsSearched) Kind() Kind { return KindPersonsSearched }
