// SPDX-License-Identifier: EUPL-1.2
// The English texts: complete, checked against the French by the compiler.
import type { fr } from './fr';

export const en = {
  common: {
    product: 'Rivage', cancel: 'Cancel', close: 'Close', save: 'Save', remove: 'Remove', add: 'Add', edit: 'Edit', back: 'Back', copy: 'Copy', copied: 'Copied', retry: 'Try again', reload: 'Reload', search: 'Search', more: 'Show more', loading: 'Loading', none: '–', yes: 'yes', no: 'no', all: 'All', allF: 'All', details: 'Details', menu: 'Menu', skip: 'Skip to content', unknown: 'not known', pair: '{name}: {value}', seconds: '{n} s', of: '{a} of {b}', required: 'required',
  },
  theme: { label: 'Theme', to: 'Theme: {name}', system: 'Same as system', light: 'Light', dark: 'Dark' },
  lang: { label: 'Language', fr: 'Français', en: 'English' },
  live: {
    connecting: 'Connecting…',
    open: 'Live, updated {time}',
    lost: 'Interrupted for {time}',
    lostLong: 'The connection to the server has been down for {time}. What is shown dates from {at}. Reconnecting.',
    old: 'The board cannot be read any more: what is shown dates from {at}.',
    ended: 'Session ended. Sign in again to go on.',
    replaced: 'This desk was opened elsewhere. This page no longer receives calls.',
    takeBack: 'Take back here',
    journalDown: 'The journal cannot write: calls in progress go on, new ones are refused. Tell operations.',
    certificateEnds: 'The certificate of these pages ends on {day}: after that no desk will connect. Tell operations.',
    mirror: 'Sound and call are in another tab of this browser. This tab follows it.',
  },
  ground: { asked: 'The person asked for it', assisted: 'Somebody beside them reads the images', trial: 'A trial, with a report' },
  contradiction: {
    seen: '{name}, {site}, {at}: the session comes from the network or bears the certificate of another site ({country}). Its access is closed.', network: '{name}, {site}, {at}: the session left its site’s network. It is closed.', certificate: '{name}, {site}, {at}: a request came without the session’s certificate. It is closed.', workstation: '{name}, {site}, {at}: the registered workstation no longer proves itself. The session is closed.', count: '{n} times.', more: { one: 'And {n} more.', other: 'And {n} more.' }, note: 'Take note',
  },
  workstation: {
    register: 'Register this workstation', is: 'This workstation is registered: {name}', code: 'Registration code', codeHelp: 'An administrator makes it in the control room, Settings, Registered workstations. It serves once, within a quarter of an hour.', submit: 'Register', about: 'A registered workstation attests where its sessions are, until its last day. Removing it closes its sessions within a minute.', make: 'Make the code', made: 'Registration code', madeText: 'Type it on the workstation, on the sign-in page, before {time}. It will not be shown again.',
  },
  signIn: {
    title: 'Sign in', login: 'Login', password: 'Password', totp: 'Six-digit code', totpHelp: 'The code shown by your authenticator app.', telework: 'I work from home', where: 'Where you work from', submit: 'Sign in', signOut: 'Sign out', wrongApp: 'Your account has no access to this application.', toDesk: 'Open the desk', toControl: 'Open the control room', demo: 'Demonstration: the organisation and the people are fictitious.',
  },
  invitation: {
    title: 'Welcome, {name}', intro: 'Choose a password to open your account.', login: 'Your login', password: 'Password', passwordHelp: 'At least 12 characters; a sentence is fine.', again: 'Password, once more', differ: 'The two passwords differ.', short: 'The password has fewer than 12 characters.', totpTitle: 'One-time code', totpRequired: 'Your role requires it. Add this secret to your authenticator app, then type the code it shows.', totpOptional: 'Optional. Add this secret to your authenticator app, then type the code it shows.', secret: 'Secret', open: 'Open in the app', submit: 'Open my account', gone: 'This invitation is no longer valid: it expired or was already used. Ask your administrator for another.',
  },
  evidence: { attested: 'attested', declared: 'declared', unknown: 'not verified' },
  evidenceLong: {
    attested: 'Attested: the session comes from the network of this site.',
    declared: 'Declared: the employer says so, the network does not prove it.',
    unknown: 'Not verified: no site is given to this account. A place that is not verified never counts as France.',
    elsewhere: 'Not verified: the session comes from the network of another site than its own. A place that is not verified never counts as France.',
  },
  place: { here: 'You: {place}', nowhere: 'place not verified', none: 'No site', title: 'Place of the session', unverified: 'The caller hears that the country is not verified, and only queues with a rule for it present calls to you. If you work here, ask that your account bears this site.' },
  agentState: { offline: 'Offline', ready: 'Ready', offered: 'Call offered', engaged: 'On a call', wrap_up: 'Wrap-up', paused: 'Paused', unreachable: 'Unreachable' },
  pause: { choose: 'Reason for the pause', 'non-reponse': 'No answer', connexion: 'Just arrived', qualification: 'Disposition due', dejeuner: 'Lunch', pause: 'Break', repas: 'Meal', formation: 'Training', reunion: 'Meeting', technique: 'Technical incident', back_office: 'Work off the phone', microphone: 'Microphone lost' },
  state: { received: 'Received', in_flow: 'Greeting', queued: 'Waiting', offered: 'Offered', connected: 'In conversation', held: 'On hold', parked: 'Agent lost', wrap_up: 'Wrap-up', closed: 'Closed', abandoned: 'Abandoned', deflected: 'Deflected', callback_owed: 'Callback owed', failed: 'Failed' },
  class: { public: 'Public', suivi: 'Tracking', courant: 'Ordinary', commercial: 'Commercial', bancaire: 'Banking', sante: 'Health' },
  profile: {
    souverain: 'Sovereign profile', encadre: 'Framed profile', name: { souverain: 'sovereign', encadre: 'framed' },
    text: { souverain: 'Nothing leaves the EEA, viewing included.', encadre: 'Outside the EEA only under safeguards that are still valid.' }, about: 'The profile bounds all that the rules allow.', change: 'The profile changes by two persons: one proposes, another confirms.',
  },
  glass: {
    banner: 'Remote viewing: transfer (GDPR chapter V)', masked: 'partly masked', image: { caller: 'Number: shown as an image', note: 'Note: shown as an image' }, short: 'Number shown as an image', loading: 'Reading the image…', failed: 'The image is no longer available: it works once, within 30 seconds.', elsewhere: 'The image is in the tab that holds the call.', of: '{name}: shown as an image', again: 'Ask again',
  },
  area: { FR: 'France and its outermost regions', EU: 'Union', EEA: 'EEA' },
  zone: { FR: 'Metropolitan France', FR_RUP: 'Overseas within the Union', FR_OM_HORS_UE: 'Overseas outside the Union', EU: 'European Union', EEA: 'Other EEA countries', ADEQUATE: 'Adequate countries', ADEQUATE_PARTIAL: 'Partial adequacy', OTHER: 'Other countries' },
  exposure: {
    EXP_NONE_EU: 'Union law only', EXP_UNASSESSED: 'not assessed, counted as exposed', EXP_US: 'law of the United States', EXP_UK: 'law of the United Kingdom', EXP_AU: 'law of Australia', EXP_5EYES: 'law of another “Five Eyes” country', EXP_CN: 'law of China', EXP_RU: 'law of Russia', EXP_RU_LIKE: 'law of Belarus', EXP_IN: 'law of India', EXP_HIGH: 'law of a high-risk country', EXP_OTHER: 'law of another country',
  },
  safeguard: {
    clauses: 'standard contractual clauses (SCC)', assessment: 'transfer impact assessment (TIA)', authorisation: 'authorisation of the sub-processor', notice: 'information of the persons', scope: 'proof of adequacy (importer in scope)', review: 'validation by the DPO', derogation: 'derogation (unknown place)',
  },
  safeguardShort: { clauses: 'SCC', assessment: 'TIA', authorisation: 'authorisation', notice: 'information', scope: 'proof of adequacy', review: 'DPO’s validation', derogation: 'derogation' },
  refusal: {
    souverain: 'Sovereign profile: nothing leaves the EEA, viewing included.', encadre: 'Framed profile: an unknown place reaches neither banking nor health data.', floor: 'The organisation’s matrix refuses it.', matrix: 'The client organisation’s matrix refuses it.', missing: 'Safeguard missing: {kind}.', past: 'Safeguard expired: {kind}.', stopped: 'Stop: nothing is opened from this country, by decision of the organisation.', none: 'No frame is loaded.', closed: 'A matrix or a rule pack cannot be read: everything is refused until it is repaired.', area: 'The caller asked to be answered from another area.', byEar: 'This case is viewed as an image only, and this agent works with a screen reader.', share: 'The least part of the day ({area}) would no longer be kept.',
    undecided: 'Opening of the site: not decided yet.', notOpened: 'Opening of the site: refused.', untold: 'Opening of the site: this client organisation was not told.', deadline: 'Opening of the site: this client organisation may still object.', objected: 'Opening of the site: this client organisation objects.', outside: 'Opening of the site: outside the trial scope.',
    class: 'This data class is not declared for this connection.',
    over: 'The declaration of this connection has ended: nothing passes.',
    early: 'The declaration of this connection does not run yet.',
    undeclared: 'Undeclared connection: purpose, classes, basis and end are missing.',
  },
  frameRule: { of: 'Frame: {rule}', floor: 'organisation’s matrix', matrix: 'client organisation’s matrix', pack: 'rule pack {pack}', safeguard: 'safeguard ({kind})', stop: 'stop of the country', connection: 'connection', opening: 'opening of the site', rest: 'place of rest not declared', choice: 'caller’s choice', byEar: 'screen reader', share: 'least part of the day', },
  presence: { label: 'Presence', menu: 'Change presence', since: 'since {time}', ready: 'Become ready', pause: 'Pause', pauseFor: 'Pause: {reason}', offline: 'End my shift', notReadyMic: 'The microphone has not been heard yet: you cannot become ready.' },
  mic: {
    title: 'Microphone', start: 'Check the microphone', asking: 'Your browser asks for access to the microphone. Allow it.', speak: 'Speak: the microphone must be heard.', passed: 'Microphone heard', level: 'Microphone level', refused: 'Access to the microphone is refused. Allow it in the site settings (the icon left of the address), then check again.', absent: 'No microphone is plugged in. Plug in a headset, then check again.', busy: 'Another program holds the microphone. Close it, then check again.', silent: 'No sound for ten seconds. Check that the headset is not muted and that the right microphone is chosen.', lost: 'The microphone is gone. You receive no call until it is heard.', insecure: 'This address is not secure ({origin}): the browser forbids the microphone. Open {url} instead.', sip: 'Your calls ring on your desk phone: {uri}.', again: 'Check again', input: 'Input', sound: 'Turn sound on', soundBlocked: 'The browser holds the sound back until you click.',
  },
  keys: { title: 'Keyboard shortcuts', palette: 'Find an action', sheet: 'This page', accept: 'Answer', mute: 'Microphone', hold: 'Hold or resume', card: 'Look a card up', hangup: 'Hang up', disposition: 'Choose a disposition, in the list', submit: 'Close the call', letters: 'Single-letter shortcuts', lettersHelp: 'They do nothing inside a text field. Untick to turn them off everywhere.', next: 'Next row', previous: 'Previous row', enter: 'Enter' },
  palette: { placeholder: 'What do you want to do?', none: 'No action by that name.', title: 'Actions', count: { one: '{n} action', other: '{n} actions' } },
  kind: {
    InteractionOpened: 'Call received', PromptPlayed: 'Prompt played to the caller', InteractionQueued: 'Put in the queue', InteractionOffered: 'Offered to an agent', OfferEnded: 'Offer ended', AreaChosen: 'Chose where to be answered from', OfferAccepted: 'Answered by the agent', DisclosurePlayed: 'Location sentence heard', InteractionAnswered: 'In conversation', InteractionHeld: 'Put on hold', InteractionResumed: 'Resumed', InteractionParked: 'Agent’s sound lost', InteractionRejoined: 'Agent came back', RecordingStarted: 'Recording started', RecordingOpposed: 'Recording refused by the caller', RecordingEnded: 'Recording ended', RecordingExpired: 'Recording destroyed at the end of its retention', InteractionEnded: 'Conversation ended', InteractionAbandoned: 'Abandoned by the caller', InteractionDeflected: 'Deflected at the door', InteractionFailed: 'Failed', CallbackPromised: 'Callback promised', CallbackClosed: 'Callback settled', WrapUpExtended: 'Wrap-up extended', InteractionClosed: 'Closed', Disposed: 'Disposed afterwards', LegMeasured: 'Sound measured', AgentStateSet: 'Presence changed', FieldShown: 'Data asked for', CardAsked: 'Card asked for', RecordingPlayed: 'Recording played', Exported: 'File exported', ExportRefused: 'Export refused by the rules', PersonErased: 'Person erased',
    OrganisationErased: 'Customer organisation erased',
    PersonLeft: 'Left a customer organisation',
    PersonJoined: 'Joined a customer organisation',
    OrganisationKept: 'Customer organisation noted',
    MergeUndone: 'Merge undone',
    PersonsMerged: 'Persons merged',
    PersonKept: 'Person’s card changed',
    PersonsSearched: 'Persons looked for',
  },
  fact: {
    queue: 'queue', wait: 'wait', waited: 'wait', reason: 'reason', outcome: 'outcome', by: 'by', cause: 'cause', talk: 'conversation', hold: 'hold', held: 'hold', wrap: 'wrap-up', disposition: 'disposition', purpose: 'purpose', retention_days: 'retention (d)', until: 'kept until', seconds: 'length (s)', frames: 'frames', complete: 'heard to the end', source: 'source', country: 'country', evidence: 'place', device: 'device', idle: 'idle for', candidates: 'candidates', extra: 'added by the sentence', field: 'data', allowed: 'allowed', masked: 'partly masked', remote: 'as an image', number: 'number dialled', again: 'back in queue', during: 'during', in: 'packets in', out: 'packets out', lost: 'packets lost', strangers: 'stray packets', jitter: 'jitter', mos: 'MOS', place: 'place', class: 'class', channel: 'channel', priority: 'priority', state: 'state', overdue: 'overdue', dropped: 'frames lost', bytes: 'bytes', agent_name: 'agent', queue_name: 'queue',
    cleared: 'taken away',
    set: 'written',
  },
  value: {
    caller: 'caller', agent: 'agent', system: 'system', browser: 'browser', sip: 'SIP phone', recorded: 'recorded', synthesis: 'synthesis', declined: 'declined', sentence_unreadable: 'location sentence unreadable', unreadable: 'sound unreadable', no_answer: 'no answer', withdrawn: 'withdrawn', failed: 'failed', lost: 'agent lost', bye: 'hung up', cancel: 'hung up', ice: 'network', flow: 'greeting', queue: 'waiting', sentence: 'sentence', complete: 'complete', interrupted: 'interrupted', destroyed: 'destroyed', called: 'called back', unreachable: 'unreachable', returned: 'called again', full: 'queue full', closed: 'closed', draining: 'shutting down', voice: 'voice', view: 'view', copy: 'copy', admin: 'administration', allowed: 'allowed', refused: 'refused', shown: 'shown', masked: 'shown partly masked', remote: 'shown as an image', played: 'heard', ok: 'done', note: 'note', crash: 'failure', no_agent: 'no agent', asked: 'asked', queue_removed: 'queue removed', caller_left: 'the caller hung up', area: 'the caller chose another place', chosen: 'chosen',
    email: 'e-mail',
    phones: 'number',
    name: 'name',
    import: 'import',
    desk: 'desk',
    searched: 'looked for',
    left: 'left',
    joined: 'joined',
    undone: 'undone',
    merged: 'merged',
    kept: 'written',
  },
  appeler: {
    title: 'Call', intro: 'You are the caller. This page dials a number of the demonstration from your browser.', numbers: 'Numbers', call: 'Call', callName: 'Call {name}', hangup: 'Hang up', ringing: 'Setting up the call…', inCall: 'On the line with {name}', listen: 'Listen: the greeting, the wait, then the sentence that says where the agent is.', ended: 'Call ended after {time}.', again: 'Call again', keypad: 'Telephone keypad', key: 'Key {key}', sent: 'Keys sent: {keys}', level: 'Your voice', heard: 'What you hear', none: 'No number: this instance is not a demonstration.', notDemo: 'This page exists in the demonstration only.', other: 'Open an agent’s desk in another browser or a private window to answer yourself.', failed: 'The call did not get through.', for: 'for {name}',
  },
  error: {
    totp_missing: 'Your role requires a six-digit code. Ask for a new invitation.', place_changed: 'The connection comes from another place. Sign in again.', bad_invitation: 'This invitation was used, replaced or has expired. Ask for another.', bad_site: 'Your account may not work from that place. An administrator can add it.', site_required: 'Say where you work from.', bad_enrolment: 'This code was used or has expired. Ask the administrator for another.', bad_workstation: 'This workstation is not recognised. Have the administrator register it.', bad_code: 'The six-digit code is wrong.', password_short: 'The password is too short.', password_long: 'The password is too long.', password_trivial: 'The password is too easy to guess.', password_login: 'The password contains the login.',
    network: 'The server does not answer. Check your connection, then try again.', bad_credentials: 'Wrong login or password.', totp_required: 'Type the six-digit code of your app.', blocked: 'Too many attempts. Wait a minute, then try again.', unauthenticated: 'Your session has ended. Sign in again.', denied: 'A rule or your role does not allow it.', not_found: 'Not found, or outside your scope.', conflict: 'It changed meanwhile. Read it again, then retry.', busy: 'A limit is reached. Try again in a moment.', unavailable: 'The service is not available right now. Try again in a moment.', invalid: 'The request is not valid.', internal: 'Our fault. Try again; if it comes back, tell operations.', stale: 'Somebody changed it meanwhile. Read it again, then retry.', signed_out: 'Your session has ended. Sign in again.', role: 'Your role does not allow this.', too_many_requests: 'Too many requests. Try again in a moment.', too_large: 'What is sent is too large.', secure_required: 'The browser softphone needs a secure address (https).', timeout: 'No answer from the server. Check the state shown before starting again.', lost: 'The connection is down: the action was not sent.', dismiss: 'Hide this message',
    reach: 'The limit of persons consulted within an hour without an interaction in hand is reached; those who watch are told. Wait, or ask the administrator.', one_person: 'Your account and the one that began count as one person: one has its password or role from the other, or both from a third, for less than 30 days. Another person confirms, or the server gives a new password (rivage invite).', not_own: 'The password or role of your account comes from another account for less than 30 days: this act waits, or the server gives a new password (rivage invite).',
    support_closed: 'The organisation does not hold this access of support open. Ask it to open it.',
  },
  fieldKind: { text: 'text', number: 'number', date: 'date', choice: 'choice from a list' },
} satisfies typeof fr;
