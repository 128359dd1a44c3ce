// SPDX-License-Identifier: EUPL-1.2
// Short names for the shapes of the server's OpenAPI document. Times are RFC 3339 in UTC; durations are whole
// milliseconds and end in _ms. Absent means not known.
import type { components } from './schema';

type S = components['schemas'];

export type Agent = S['Agent'];
export type AgentState = Agent['state'];
export type Candidate = S['Candidate'];
export type Card = S['Card'];
export type CardField = S['CardField'];
export type CardSource = S['CardSource'];
export type ControlSnapshot = S['ControlSnapshot'];
export type UnreadySite = S['UnreadySite'];
export type Contradiction = S['Contradiction'];
export type Unusual = S['Unusual'];
export type TieNow = S['TieNow'];
export type Connections = S['Connections'];
export type SupportNow = S['SupportNow'];
export type WayNow = S['WayNow'];
export type Consequence = S['Consequence'];
export type Decided = S['Decided'];
export type DemoNumber = S['Number'];
export type DeskSnapshot = S['DeskSnapshot'];
export type Due = S['Due'];
export type Field = S['Field'];
export type Figures = S['Figures'];
export type Interaction = S['Interaction'];
export type InteractionDetail = S['Detail'];
export type InteractionRecording = S['RecordingState'];
export type Invitation = S['InvitationView'];
export type Journal = S['JournalState'];
export type Law = S['Law'];
export type Pack = S['Pack'];
export type PackRow = S['PackRow'];
export type LawCell = S['FrameCell'];
/** The profile in force and what bounds it; `Frame` is one of the live channel. */
export type LawFrame = S['Frame'];
export type Matrix = S['Matrix'];
export type Me = S['Me'];
export type Opening = S['Opening'];
export type Openings = S['Openings'];
export type Person = S['Person'];
export type PersonCard = S['PersonCard'];
export type PersonChange = S['PersonChange'];
export type PersonField = S['PersonField'];
export type PersonFound = S['PersonFound'];
export type PersonsFound = S['PersonsFound'];
export type Place = S['Place'];
export type Profile = LawFrame['profile'];
export type Queue = S['Queue'];
export type Recording = S['Recording'];
export type Role = S['Role'];
export type Story = S['Story'];
export type Told = S['Told'];
export type Trial = S['Trial'];
export type Why = S['Why'];
export type WorkstationProof = S['WorkstationProof'];

/** What people set: a document whose shape depends on its type. */
export type Doc = Record<string, unknown>;
export type SettingItem = Omit<S['Item'], 'doc'> & { doc: Doc };
export type SettingType = 'principal' | 'company' | 'site' | 'queue' | 'account' | 'trunk' | 'number' | 'flow' | 'rules' | 'prompt' | 'frame' | 'matrix' | 'pack' | 'rest' | 'safeguard' | 'card' | 'field' | 'workstation' | 'exception' | 'opening';

/** A frame of the live channel: the first one, one that covers the entries from `from` to `seq`, or a board. */
export type Frame = Partial<Omit<S['LiveFirstDeskSnapshot'], 'snapshot'> & S['LiveFrame'] & S['LiveBoard']> & { snapshot?: DeskSnapshot | ControlSnapshot };
