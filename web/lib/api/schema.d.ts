// SPDX-License-Identifier: EUPL-1.2
// Made by scripts/api.mjs from edge/api/openapi.json: change the server.
export interface paths {
    "/api/accounts/{id}/invitation": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Invite */
        post: operations["invite"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/accounts/{id}/revoke": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** End an account's sessions */
        post: operations["revoke"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/callbacks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Calls owed */
        get: operations["callbacks"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/callbacks/{interaction}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Record a call back */
        post: operations["closeCallback"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/connections": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who is connected where, and what passed and was refused within a day */
        get: operations["connections"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/consultation/{token}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One field for remote viewing, as an image */
        get: operations["pane"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/contradictions/{account}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Take note of a contradicted place */
        post: operations["noteContradiction"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/decisions/{seq}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Why a field, a conversation, a recording or an export was let happen or not */
        get: operations["decision"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/demo": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Numbers of the demo */
        get: operations["demo"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/demo/calls": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Call as the citizen */
        post: operations["demoCall"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/demo/calls/{leg}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Hang up */
        delete: operations["demoHangUp"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/frame": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The profile in force, and what is about to change */
        get: operations["frame"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/frame/consequences": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What another profile would change */
        get: operations["consequences"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/interactions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List interactions */
        get: operations["interactions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/interactions/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One interaction's whole story */
        get: operations["interaction"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/interactions/{id}/cards": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Where records about it can be looked up */
        get: operations["cardSources"];
        put?: never;
        /** Look a record up */
        post: operations["card"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/interactions/{id}/fields": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Ask for fields */
        post: operations["fields"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/interactions/{id}/leg": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Come back to a call */
        post: operations["rejoinLeg"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/interactions/{id}/person": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Write values on the person's card */
        put: operations["keepPerson"];
        /** Show the person's card */
        post: operations["personCard"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/interactions/{id}/person/merge": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make one person of two */
        post: operations["mergePerson"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/interactions/{id}/person/organisation": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Set the customer organisation */
        put: operations["setOrganisation"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/interactions/{id}/person/search": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Look for persons to pick from */
        post: operations["searchPersons"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/interactions/{id}/person/undo": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Undo a merge */
        post: operations["undoMerge"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/invitations/{token}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read an invitation */
        get: operations["invitation"];
        put?: never;
        /** Accept an invitation */
        post: operations["acceptInvitation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/journal": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Head of the log */
        get: operations["journal"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/law/{principal}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The total table above a Principal's rules */
        get: operations["law"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/offers/{offer}/leg": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Connect the desk while it rings */
        post: operations["offerLeg"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/openings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The dossiers of sites to be opened, and what they lack */
        get: operations["openings"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/packs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The rule packs: dated law, with its reference and how it is known */
        get: operations["packs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/persons": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Find persons by telephone number */
        get: operations["persons"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/persons/{id}/erase": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Erase a person */
        post: operations["erase"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/prompts/{id}/audio": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Hear a prompt */
        get: operations["promptAudio"];
        put?: never;
        /** Upload a prompt */
        post: operations["putPromptAudio"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/prompts/{id}/synthesise": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make a labelled synthesis */
        post: operations["synthesise"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/recordings/{object}/audio": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Hear a recording */
        get: operations["playback"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/rules/{principal}/matrix": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Every answer of the rules */
        get: operations["matrix"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/session": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who is signed in */
        get: operations["me"];
        put?: never;
        /** Sign in */
        post: operations["signIn"];
        /** Sign out */
        delete: operations["signOut"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/session/workstation": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What a workstation signs during a session */
        get: operations["sessionChallenge"];
        put?: never;
        /** Prove the workstation again */
        post: operations["proveWorkstation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/settings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Types of settings */
        get: operations["settingTypes"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/settings/{type}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Settings of a type */
        get: operations["settings"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/settings/{type}/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Write a setting */
        put: operations["putSetting"];
        post?: never;
        /** Remove a setting */
        delete: operations["removeSetting"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/settings/{type}/{id}/trial": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** What a setting would change, without writing it */
        post: operations["trySetting"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/supports/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Open an access of support, for another person to confirm */
        post: operations["openSupport"];
        /** Close an access of support and end its sessions */
        delete: operations["closeSupport"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/supports/{id}/confirm": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Confirm an access of support that another person opened */
        post: operations["confirmSupport"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/unusual/{account}/{what}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Take note of an unusual access */
        post: operations["noteUnusual"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/why/{seq}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Why this agent, why not the others */
        get: operations["why"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/workstations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make a code that registers a browser */
        post: operations["offerWorkstation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/workstations/challenge": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What a workstation signs to sign in */
        get: operations["workstationChallenge"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/workstations/enrolment": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Register this browser */
        post: operations["enrolWorkstation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        AcceptInputBody: {
            password: string;
            totp_code?: string;
        };
        Agent: {
            deadline?: string;
            /** @enum {string} */
            device: "browser" | "sip";
            id: string;
            interaction?: string;
            name: string;
            place: components["schemas"]["Place"];
            reason?: string;
            since?: string;
            /** @enum {string} */
            state: "offline" | "ready" | "offered" | "engaged" | "wrap_up" | "paused" | "unreachable";
            /** @description no sentence can tell callers where the agent is: no call is presented */
            unannounced?: boolean;
        };
        Bound: {
            layer: string;
            outcome: string;
            reason?: string;
        };
        CallbackInputBody: {
            /** @enum {string} */
            outcome: "called" | "unreachable";
        };
        CallbackList: {
            callbacks: components["schemas"]["Interaction"][];
        };
        Candidate: {
            agent: string;
            /** @description by the decision run again */
            chosen?: boolean;
            country?: string;
            eligible: boolean;
            /** @enum {string} */
            evidence: "attested" | "declared" | "unknown";
            /** Format: int64 */
            idle_ms?: number;
            name: string;
            reason?: string;
            rule?: string;
            rule_reason?: string;
            site?: string;
            site_name?: string;
        };
        Card: {
            fields: components["schemas"]["CardField"][];
            name: string;
            source: string;
        };
        CardField: {
            allowed: boolean;
            basis?: string;
            class: string;
            /** @description where the image is, once and for half a minute */
            image?: string;
            label: string;
            masked?: boolean;
            name: string;
            reason?: string;
            remote?: boolean;
            rule?: string;
            value?: string;
        };
        CardInputBody: {
            key: string;
            source: string;
        };
        CardSource: {
            id: string;
            key_label: string;
            name: string;
        };
        CardSourceList: {
            sources: components["schemas"]["CardSource"][];
        };
        ChangeInputBody: {
            changes: components["schemas"]["PersonChange"][];
        };
        ConfirmSupportInputBody: {
            company: string;
            country: string;
            /** Format: date-time */
            until: string;
        };
        Connections: {
            /** @description within a day, most first */
            refused: components["schemas"]["RefusedNow"][];
            /** @description of people, without their names */
            sessions: components["schemas"]["SessionNow"][];
            /** @description from when what passed and was refused is counted */
            since: string;
            /** @description accounts of support from outside */
            supports: components["schemas"]["SupportNow"][];
            /** @description accounts that count as one person with who gave them password or role */
            ties: components["schemas"]["TieNow"][];
            /** @description declared connections, open or closed */
            ways: components["schemas"]["WayNow"][];
            /** @description false: there were more entries than could be counted, and since says from when */
            whole: boolean;
        };
        Consequence: {
            action: string;
            /** @description what would be */
            allowed: boolean;
            class: string;
            country: string;
            principal: string;
            /** @description of a refusal */
            reason?: string;
            site: string;
            site_name: string;
        };
        ConsequenceList: {
            consequences: components["schemas"]["Consequence"][];
        };
        Contradiction: {
            account: string;
            at: string;
            /**
             * Format: int64
             * @description since somebody took note
             */
            count: number;
            /**
             * @description what had attested the session
             * @enum {string}
             */
            lost?: "network" | "certificate" | "workstation";
            name: string;
            /** @description somebody took note */
            noted?: boolean;
            /** @description of the site whose network or certificate it was */
            seen?: string;
            /** Format: int64 */
            seq: number;
            site?: string;
            /** @description that was stated */
            site_name?: string;
        };
        ControlSnapshot: {
            agents: components["schemas"]["Agent"][];
            certificate_ends?: string;
            contradictions?: components["schemas"]["Contradiction"][];
            /** @enum {string} */
            journal: "ok" | "down";
            queues: components["schemas"]["Queue"][];
            unready?: components["schemas"]["UnreadySite"][];
            unusual?: components["schemas"]["Unusual"][];
            waiting: components["schemas"]["Interaction"][];
        };
        CountryNotice: {
            date: string;
            source: string;
            text: string;
        };
        Decided: {
            action: string;
            again: components["schemas"]["Decision"];
            agrees: boolean;
            at: string;
            bounds: components["schemas"]["Bound"][];
            class?: string;
            company?: string;
            country?: string;
            /** @enum {string} */
            evidence: "attested" | "declared" | "unknown";
            field?: string;
            /** @description the text of the entry is gone at the end of its class: nothing can be compared */
            gone?: boolean;
            hash?: string;
            in_force: components["schemas"]["Version"][];
            kind: string;
            mode: string;
            outcome: string;
            purpose: string;
            rule?: string;
            rules: components["schemas"]["RuleTrace"][];
            /** Format: int64 */
            seq: number;
            site?: string;
            site_name?: string;
        };
        Decision: {
            allowed: boolean;
            basis?: string;
            masked?: boolean;
            reason?: string;
            remote?: boolean;
            rule?: string;
            rules?: string;
        };
        DemoCallInputBody: {
            number: string;
            sdp: string;
        };
        DemoNumbers: {
            numbers: components["schemas"]["Number"][];
        };
        DeskSnapshot: {
            /** Format: int64 */
            callbacks: number;
            interaction?: components["schemas"]["Interaction"];
            me: components["schemas"]["Agent"];
            pauses: string[];
            queues: components["schemas"]["Queue"][];
        };
        Detail: {
            interaction: components["schemas"]["Interaction"];
            offers: components["schemas"]["Why"][];
            recordings: components["schemas"]["Recording"][];
            story: components["schemas"]["Story"][];
        };
        Disposition: {
            code: string;
            label: string;
        };
        Due: {
            /** @description that a connection carries */
            classes?: string[] | null;
            company?: string;
            /**
             * @description kind of a connection
             * @enum {string}
             */
            connection?: "trunk" | "card";
            country?: string;
            /**
             * Format: int64
             * @description until the last day, negative once it is past
             */
            days: number;
            id: string;
            /** @description of a safeguard, or adequacy, or objection, whose id is the site's */
            kind?: string;
            /** @description of a connection, or of a site */
            name?: string;
            principal: string;
            reference: string;
            until: string;
            /**
             * Format: int64
             * @description 90, 30 or 7; 0 once it is over
             */
            warning: number;
        };
        EnrolStationInputBody: {
            code: string;
            /** @description P-256 public key, SubjectPublicKeyInfo, base64 */
            key: string;
        };
        EraseInputBody: {
            confirm: boolean;
        };
        Erased: {
            /** Format: int64 */
            subjects: number;
        };
        Field: {
            allowed: boolean;
            asked: boolean;
            basis?: string;
            class: string;
            /** @enum {string} */
            field: "caller" | "note";
            /** @description where the image is, once and for half a minute */
            image?: string;
            /** @description the value holds parts only */
            masked?: boolean;
            reason?: string;
            /** @description shown as an image only */
            remote?: boolean;
            rule?: string;
            value?: string;
        };
        FieldList: {
            fields: components["schemas"]["Field"][];
        };
        FieldsInputBody: {
            fields: ("caller" | "note")[];
        };
        Figures: {
            /**
             * Format: int64
             * @description ab1@1 in permille
             */
            ab1?: number;
            /** Format: int64 */
            abandoned: number;
            /**
             * Format: int64
             * @description aht@1
             */
            aht_ms?: number;
            /** Format: int64 */
            answered: number;
            /** Format: int64 */
            answered_in: number;
            /**
             * Format: int64
             * @description asa@1
             */
            asa_ms?: number;
            /** Format: int64 */
            callback: number;
            /**
             * Format: int64
             * @description disc_delay@1
             */
            disc_delay_ms?: number;
            /** Format: int64 */
            offered: number;
            /** Format: int64 */
            short: number;
            /**
             * Format: int64
             * @description sl1@1 in permille
             */
            sl1?: number;
        };
        Frame: {
            /** @description what the proposed profile would change */
            consequences?: components["schemas"]["Consequence"][] | null;
            /** @description safeguards, adequacies, declared connections and times to object that end within 90 days, or have ended */
            due: components["schemas"]["Due"][];
            /** @description who asks proposed it, and cannot confirm it */
            mine?: boolean;
            /** @enum {string} */
            profile: "souverain" | "encadre";
            /** @enum {string} */
            proposed?: "souverain" | "encadre";
            /** @description name of who proposed it */
            proposed_by?: string;
            /** @description nothing is opened from where who asks sits: what is on the screen goes */
            stopped?: boolean;
            /** @description who asks counts as one person with who proposed it, and cannot confirm it */
            tied?: boolean;
        };
        FrameCell: {
            class: string;
            column: string;
            exposed: boolean;
            layer?: string;
            needs?: (string[] | null)[] | null;
            outcome: string;
            zone: string;
        };
        Interaction: {
            agent?: string;
            agent_name?: string;
            answered_at?: string;
            by?: string;
            caller: components["schemas"]["Field"];
            channel: string;
            class: string;
            closed_at?: string;
            deadline?: string;
            disposition?: string;
            dispositions: components["schemas"]["Disposition"][];
            ended_at?: string;
            extended: boolean;
            held_at?: string;
            /** Format: int64 */
            hold_ms?: number;
            id: string;
            note?: components["schemas"]["Field"];
            /** @description public number that was dialled */
            number: string;
            offer?: components["schemas"]["Offer"];
            offered_at?: string;
            opened_at: string;
            /** @description for the data protection officer only */
            person?: string;
            place?: components["schemas"]["Place"];
            principal: string;
            principal_name: string;
            queue?: string;
            queue_name?: string;
            queued_at?: string;
            reason?: string;
            recording?: components["schemas"]["RecordingState"];
            /** @enum {string} */
            state: "received" | "in_flow" | "queued" | "offered" | "connected" | "held" | "parked" | "wrap_up" | "closed" | "abandoned" | "deflected" | "callback_owed" | "failed";
            /** Format: int64 */
            talk_ms?: number;
            told?: components["schemas"]["Told"];
            /** Format: int64 */
            wait_ms?: number;
            /** Format: int64 */
            wrap_more_s: number;
        };
        InvitationLink: {
            expires_at: string;
            url: string;
        };
        InvitationView: {
            login_hint: string;
            name: string;
            totp: components["schemas"]["TOTPView"];
        };
        Item: {
            doc: unknown;
            id: string;
            /** @description accounts only */
            login?: string;
            /** @description what keeps it from being ready */
            missing?: string[];
            /** @description of a person: accounts only */
            name?: string;
            /** @description Principal it belongs to, or organisation */
            of: string;
            ready?: boolean;
            /** Format: int64 */
            version: number;
        };
        ItemList: {
            items: components["schemas"]["Item"][];
        };
        JournalState: {
            at?: string;
            checkpoint: string;
            /**
             * Format: int64
             * @description entries of which a restoration brought back only the published leaf
             */
            lost?: number;
            /**
             * Format: int64
             * @description size of the last published checkpoint
             */
            published: number;
            root: string;
            /** Format: int64 */
            size: number;
        };
        Law: {
            cells: components["schemas"]["FrameCell"][];
            companies: components["schemas"]["LawCompany"][];
            /** @enum {string} */
            profile: "souverain" | "encadre";
        };
        LawCompany: {
            country: string;
            exposed: boolean;
            exposures: string[];
            id: string;
            name: string;
        };
        LegAnswer: {
            leg: string;
            sdp: string;
        };
        List: {
            interactions: components["schemas"]["Interaction"][];
            next?: string;
        };
        LiveAnswer: {
            error?: components["schemas"]["LiveError"];
            re: string;
            /** Format: int64 */
            seq?: number;
        };
        LiveBoard: {
            /** Format: int64 */
            age_ms: number;
            at: string;
            board: components["schemas"]["Queue"][];
            certificate_ends?: string;
            /** @enum {string} */
            journal: "ok" | "down";
            unready?: components["schemas"]["UnreadySite"][];
        };
        LiveCommand: {
            /** @enum {string} */
            device?: "browser" | "sip";
            disposition?: string;
            /** @enum {string} */
            do: "heartbeat" | "ready" | "pause" | "offline" | "accept" | "decline" | "hold" | "resume" | "hangup" | "oppose" | "dispose" | "extend";
            id: string;
            interaction?: string;
            microphone?: boolean;
            note?: string;
            offer?: string;
            reason?: string;
        };
        LiveError: {
            code: string;
            detail: string;
            reason?: string;
            rule?: string;
        };
        LiveFirstControlSnapshot: {
            /** Format: int64 */
            seq: number;
            snapshot: components["schemas"]["ControlSnapshot"];
        };
        LiveFirstDeskSnapshot: {
            /** Format: int64 */
            seq: number;
            snapshot: components["schemas"]["DeskSnapshot"];
        };
        LiveFrame: {
            agent?: components["schemas"]["Agent"];
            at?: string;
            contradiction?: components["schemas"]["Contradiction"];
            /** Format: int64 */
            from: number;
            interaction?: components["schemas"]["Interaction"];
            offer_ended?: components["schemas"]["OfferEnded"];
            /** Format: int64 */
            seq: number;
            unusual?: components["schemas"]["Unusual"];
        };
        Matrix: {
            actions: string[];
            classes: string[];
            rows: components["schemas"]["MatrixRow"][];
        };
        MatrixCell: {
            action: string;
            allowed: boolean;
            basis?: string;
            class: string;
            masked?: boolean;
            mode: string;
            reason?: string;
            remote?: boolean;
            rule?: string;
        };
        MatrixRow: {
            cells: components["schemas"]["MatrixCell"][];
            company?: string;
            country?: string;
            /** @enum {string} */
            evidence: "attested" | "declared" | "unknown";
            site: string;
            site_name: string;
            zone?: string;
        };
        Me: {
            account: string;
            agent?: components["schemas"]["MyAgent"];
            demo: boolean;
            /** @enum {string} */
            lang: "fr" | "en";
            login: string;
            name: string;
            organisation: string;
            place: components["schemas"]["Place"];
            roles: components["schemas"]["Role"][];
            /** @description a softphone is possible on this origin */
            secure: boolean;
        };
        MergeInputBody: {
            confirm: boolean;
            person: string;
        };
        MergedInto: {
            at: string;
            person: string;
        };
        MyAgent: {
            device: components["schemas"]["MyDevice"];
        };
        MyDevice: {
            /** @enum {string} */
            kind: "browser" | "sip";
            uri?: string;
        };
        NoteContradictionRequest: {
            /**
             * Format: int64
             * @description as it was shown
             */
            seq: number;
        };
        NoteUnusualRequest: {
            /**
             * Format: int64
             * @description as it was shown
             */
            seq: number;
        };
        Number: {
            name: string;
            number: string;
            principal_name: string;
        };
        Offer: {
            accepted: boolean;
            device: string;
            id: string;
            /** @description the caller has heard the sentence to its end */
            told: boolean;
        };
        OfferEnded: {
            offer: string;
            /** @enum {string} */
            outcome: "declined" | "no_answer" | "withdrawn" | "failed";
        };
        OfferStationInputBody: {
            id: string;
            name: string;
            site: string;
            /** @description last day */
            until: string;
        };
        OpenSupportInputBody: {
            /** @description that sends the person */
            company: string;
            /** @description where the person sits */
            country: string;
            /** Format: int64 */
            hours: number;
        };
        Opening: {
            /**
             * Format: int64
             * @description people who answer from there today
             */
            agents: number;
            clients: components["schemas"]["OpeningClient"][];
            /** @description its name */
            company: string;
            country: string;
            decision?: components["schemas"]["OpeningDecision"];
            /** @description of the site */
            id: string;
            /** @description steps without which nobody can decide go: scope, notice, clients, opinions */
            missing: string[];
            name: string;
            notice?: components["schemas"]["CountryNotice"];
            opinions: components["schemas"]["Opinion"][];
            scope?: components["schemas"]["TrialScope"];
        };
        OpeningClient: {
            answer?: string;
            answered_on?: string;
            name: string;
            objection_until?: string;
            principal: string;
            reference?: string;
            /** @enum {string} */
            standing: "open" | "undecided" | "refused" | "untold" | "deadline" | "objected" | "outside";
            told_on?: string;
            /** @description last day on which it may object, while that keeps the site closed to it */
            until?: string;
        };
        OpeningDecision: {
            /** @description "" once the name is erased */
            by_name?: string;
            on: string;
            reason: string;
            /** @enum {string} */
            verdict: "go" | "no-go";
        };
        Openings: {
            openings: components["schemas"]["Opening"][];
            /** @description sites that no dossier binds */
            without: components["schemas"]["SiteWithoutOne"][];
        };
        Opinion: {
            of: string;
            on?: string;
            opinion?: string;
            reference?: string;
        };
        OrganisationInputBody: {
            /** @description of one that is not known yet, or its new one */
            name?: string;
            /** @description empty: the person belongs to none any more */
            siren: string;
        };
        Pack: {
            id: string;
            /** @description its rows decide */
            on: boolean;
            /** @description of the organisation, not of the program */
            own?: boolean;
            rows: components["schemas"]["PackRow"][];
        };
        PackList: {
            packs: components["schemas"]["Pack"][];
        };
        PackRow: {
            classes?: string[] | null;
            columns?: string[] | null;
            confidence: string;
            effect: string;
            exposures?: string[] | null;
            id: string;
            jurisdiction: string;
            legal_ref: string;
            review_due?: string;
            reviewed_on?: string;
            reviewer?: string;
            safeguards?: string[] | null;
            source: string;
            /** @enum {string} */
            standing: "verified" | "unverified" | "proposal" | "repealed";
            status: string;
            text: string;
            valid_from?: string;
            valid_to?: string;
            zones?: string[] | null;
        };
        PastInteraction: {
            at: string;
            channel: string;
            /** @description its label */
            disposition?: string;
            queue_name?: string;
            /** @description where the agent sat */
            site_name?: string;
            state: string;
        };
        Person: {
            created_at: string;
            erased_at?: string;
            id: string;
            /** Format: int64 */
            interactions: number;
            principal: string;
        };
        PersonCard: {
            erased_at?: string;
            fields: components["schemas"]["PersonField"][];
            /** @description newest first, this one left out */
            history: components["schemas"]["PastInteraction"][];
            /** @description the person has a card */
            known: boolean;
            /** @description persons that were merged into this one, the last one first */
            merged: components["schemas"]["MergedInto"][];
            /** @description there are older ones */
            more?: boolean;
            /** @description the person belongs to a customer organisation */
            organisation?: string;
            person: string;
            /**
             * Format: int64
             * @description other persons with a card and the caller's number: one is to be picked
             */
            sharing?: number;
            /** @description of the card: If-Match of what is written on it */
            version: string;
            /** @description there are others of a class that is not shown here */
            withheld?: boolean;
        };
        PersonChange: {
            field: string;
            value: string;
        };
        PersonField: {
            allowed: boolean;
            basis?: string;
            choices?: string[] | null;
            class: string;
            id: string;
            /** @description where the image is, once and for half a minute */
            image?: string;
            kind: string;
            /** @description of a Principal's own field; screens name the others */
            label?: string;
            masked?: boolean;
            reason?: string;
            remote?: boolean;
            rule?: string;
            value?: string;
            /** @description shown whole, so that it may be changed */
            whole: boolean;
        };
        PersonFound: {
            fields: components["schemas"]["PersonField"][];
            person: string;
        };
        PersonList: {
            /** @description there are others: erase some of these, then look again */
            more?: boolean;
            persons: components["schemas"]["Person"][];
        };
        PersonsFound: {
            /** @description there are others: say more */
            more?: boolean;
            persons: components["schemas"]["PersonFound"][];
        };
        Place: {
            company?: string;
            company_name?: string;
            country?: string;
            /** @enum {string} */
            evidence: "attested" | "declared" | "unknown";
            site?: string;
            site_name?: string;
            zone?: string;
        };
        Presence: {
            /** Format: int64 */
            engaged: number;
            /** Format: int64 */
            offered: number;
            /** Format: int64 */
            paused: number;
            /** Format: int64 */
            ready: number;
            /** Format: int64 */
            unreachable: number;
            /** Format: int64 */
            wrap_up: number;
        };
        Problem: {
            code: string;
            detail: string;
            /** @description what the rule's author wrote */
            reason?: string;
            /** @description id of the rule that refused */
            rule?: string;
            /** @description of teleworking, to choose from at sign-in */
            sites?: components["schemas"]["SiteChoice"][] | null;
            /** Format: int64 */
            status: number;
            title: string;
            type: string;
        };
        Queue: {
            agents: components["schemas"]["Presence"];
            class: string;
            figures: components["schemas"]["Figures"];
            id: string;
            name: string;
            oldest?: string;
            principal: string;
            principal_name: string;
            /** Format: int64 */
            target_s: number;
            /** Format: int64 */
            waiting: number;
        };
        Recording: {
            allowed: boolean;
            object: string;
            purpose?: string;
            reason?: string;
            retention_until?: string;
            /** Format: int64 */
            seconds: number;
            started_at: string;
            /** @enum {string} */
            state: "open" | "complete" | "interrupted" | "destroyed" | "expired" | "erased";
        };
        RecordingState: {
            object?: string;
            purpose?: string;
            site_name?: string;
            /** @enum {string} */
            state: "none" | "notice" | "on" | "ended" | "interrupted" | "destroyed";
        };
        RefusedNow: {
            /** Format: int64 */
            count: number;
            out: boolean;
            reason: string;
            /** @description door and source, or use */
            use: string;
        };
        Role: {
            /** @enum {string} */
            name: "agent" | "supervisor" | "administrator" | "dpo" | "support";
            principals: string[];
            queues: string[];
            sites: string[];
        };
        RuleTrace: {
            applies: boolean;
            basis: string;
            decides: boolean;
            effect: string;
            misses?: string[] | null;
            reason: string;
            rule: string;
        };
        RunnerUp: {
            agent: string;
            /** Format: int64 */
            idle_ms: number;
            name: string;
            site?: string;
            site_name?: string;
        };
        SDPBody: {
            sdp: string;
        };
        SearchInputBody: {
            /** @description a number, an e-mail address or words of a name; empty for the caller's number */
            text: string;
        };
        SessionNow: {
            company_name?: string;
            /** @description where something vouches for it */
            country?: string;
            /** @enum {string} */
            evidence: "attested" | "declared" | "unknown";
            mine?: boolean;
            /** @enum {string} */
            role: "agent" | "supervisor" | "administrator" | "dpo" | "support";
            since: string;
            site?: string;
            site_name?: string;
        };
        SetAside: {
            /** Format: int64 */
            n: number;
            reason: string;
            rule?: string;
            rule_reason?: string;
            site?: string;
            site_name?: string;
        };
        SignInInputBody: {
            login: string;
            password: string;
            /** @description which of several */
            site?: string;
            /** @description at the account's one site of teleworking */
            telework?: boolean;
            totp?: string;
            workstation?: components["schemas"]["WorkstationProof"];
        };
        SiteChoice: {
            id: string;
            name: string;
        };
        SiteWithoutOne: {
            /** @description outside the EEA */
            abroad: boolean;
            country: string;
            id: string;
            name: string;
        };
        Story: {
            at: string;
            basis?: string;
            class?: string;
            country?: string;
            evidence?: string;
            facts: {
                [key: string]: unknown;
            };
            field?: string;
            kind: string;
            leaf_hash: string;
            mode?: string;
            outcome?: string;
            purpose?: string;
            role?: string;
            rule?: string;
            /** Format: int64 */
            seq: number;
            site?: string;
        };
        SupportNow: {
            account: string;
            company?: string;
            company_name?: string;
            /** @description name */
            confirmed_by?: string;
            country?: string;
            from?: string;
            /** @description who asks opened it, and cannot confirm it */
            mine?: boolean;
            name: string;
            /** @description name */
            opened_by?: string;
            /** @description why the law refuses it */
            reason?: string;
            /** @enum {string} */
            state: "none" | "pending" | "open" | "over" | "refused";
            /** @description who asks counts as one person with who opened it, and cannot confirm it */
            tied?: boolean;
            until?: string;
        };
        TOTPView: {
            required: boolean;
            secret?: string;
            uri?: string;
        };
        TieNow: {
            account: string;
            /** @description who gave it its password, or its role */
            by_name: string;
            name: string;
            /** @enum {string} */
            role: "administrator" | "dpo" | "support";
            until: string;
            /** @enum {string} */
            what: "password" | "roles";
        };
        Told: {
            complete: boolean;
            country?: string;
            /** @enum {string} */
            evidence: "attested" | "declared" | "unknown";
            text: string;
        };
        Trial: {
            /**
             * Format: int64
             * @description how many there are
             */
            changed: number;
            /** @description answers that would be others, at most 500 */
            changes: components["schemas"]["TrialChange"][];
            /** Format: int64 */
            days: number;
            /**
             * Format: int64
             * @description decisions of these days that let something happen
             */
            decisions: number;
            /** @description of them, those that it would not let happen as they did */
            refused: components["schemas"]["TrialRefused"][];
        };
        TrialChange: {
            action: string;
            class: string;
            /** @enum {string} */
            evidence: "attested" | "declared" | "unknown";
            field?: string;
            from: components["schemas"]["Decision"];
            principal: string;
            purpose: string;
            site?: string;
            to: components["schemas"]["Decision"];
        };
        TrialRefused: {
            action: string;
            /** Format: int64 */
            n: number;
            principal: string;
            rule?: string;
        };
        TrialScope: {
            /** Format: int64 */
            agents: number;
            classes: string[] | null;
            from: string;
            modes: string[] | null;
            queues: string[] | null;
            until: string;
        };
        TypeCount: {
            /** Format: int64 */
            count: number;
            type: string;
        };
        TypeList: {
            types: components["schemas"]["TypeCount"][];
        };
        UnreadySite: {
            /** @description sentence_EVIDENCE_missing, _silent or _unreadable */
            missing: string[];
            name: string;
            site: string;
        };
        Unusual: {
            account: string;
            at: string;
            /**
             * Format: int64
             * @description since somebody took note
             */
            count: number;
            /** @description of who asks, who cannot take note of it */
            mine?: boolean;
            name: string;
            /** @description somebody took note */
            noted?: boolean;
            /**
             * Format: int64
             * @description within an hour, in no interaction of the account's
             */
            persons?: number;
            /** Format: int64 */
            seq: number;
            site?: string;
            site_name?: string;
            /** @description the limit was reached: no other person was shown */
            stopped?: boolean;
            /** @enum {string} */
            what: "persons" | "hours" | "place";
        };
        Version: {
            at: string;
            id: string;
            /** Format: int64 */
            seq: number;
            /** @enum {string} */
            type: "rules" | "frame" | "matrix" | "pack" | "opening" | "card";
            /** Format: int64 */
            version: number;
        };
        WayNow: {
            basis?: string;
            classes?: string[] | null;
            company_name?: string;
            country?: string;
            exposures: string[];
            id: string;
            /**
             * Format: int64
             * @description bytes, of connections that closed and of hours that are over
             */
            in: number;
            /** @enum {string} */
            kind: "trunk" | "card";
            /** @description when it last carried something since the process started */
            last?: string;
            name: string;
            open: boolean;
            /**
             * Format: int64
             * @description connections that opened within a day
             */
            opened: number;
            /** Format: int64 */
            out: number;
            parent?: string;
            parent_country?: string;
            principal: string;
            purpose?: string;
            /** @description why it is closed */
            reason?: string;
            /** @description id of the trunk or source */
            setting: string;
            until?: string;
        };
        Why: {
            agent: string;
            agent_name: string;
            all?: components["schemas"]["Candidate"][];
            at: string;
            /** Format: int64 */
            candidates: number;
            /** @description what the decision run again does not find as the entry says it */
            differs?: string[];
            /** Format: int64 */
            idle_ms: number;
            offer: string;
            /** @description hash of the rule set that decided */
            rules?: string;
            runners_up: components["schemas"]["RunnerUp"][];
            /** Format: int64 */
            seq: number;
            set_aside: components["schemas"]["SetAside"][];
            site?: string;
            site_name?: string;
        };
        WorkstationChallenge: {
            challenge: string;
            /** @description that it is for; absent for the one that a sign-in makes */
            session?: string;
        };
        WorkstationCode: {
            code: string;
            expires_at: string;
        };
        WorkstationName: {
            id: string;
            name: string;
        };
        WorkstationProof: {
            challenge: string;
            /** @description ECDSA P-256 with SHA-256, r then s, base64 */
            signature: string;
            workstation: string;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    invite: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InvitationLink"];
                };
            };
            /** @description RFC 9457 */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    revoke: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description RFC 9457 */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    callbacks: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CallbackList"];
                };
            };
            /** @description RFC 9457 */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    closeCallback: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                interaction: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CallbackInputBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Interaction"];
                };
            };
            /** @description RFC 9457 */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    connections: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Connections"];
                };
            };
            /** @description RFC 9457 */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    pane: {
        parameters: {
            query?: {
                dark?: boolean;
            };
            header?: never;
            path: {
                token: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "image/png": string;
                };
            };
            /** @description RFC 9457 */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    noteContradiction: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                account: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NoteContradictionRequest"];
            };
        };
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description RFC 9457 */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    decision: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                seq: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Decided"];
                };
            };
            /** @description RFC 9457 */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    demo: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DemoNumbers"];
                };
            };
            /** @description RFC 9457 */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    demoCall: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DemoCallInputBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LegAnswer"];
                };
            };
            /** @description RFC 9457 */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    demoHangUp: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                leg: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description RFC 9457 */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    frame: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Frame"];
                };
            };
            /** @description RFC 9457 */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    consequences: {
        parameters: {
            query: {
                profile: "souverain" | "encadre";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConsequenceList"];
                };
            };
            /** @description RFC 9457 */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    interactions: {
        parameters: {
            query?: {
                principal?: string;
                queue?: string;
                state?: string;
                /** @description the next of the page before */
                before?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["List"];
                };
            };
            /** @description RFC 9457 */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    interaction: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Detail"];
                };
            };
            /** @description RFC 9457 */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    cardSources: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CardSourceList"];
                };
            };
            /** @description RFC 9457 */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    card: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CardInputBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Card"];
                };
            };
            /** @description RFC 9457 */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    fields: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["FieldsInputBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FieldList"];
                };
            };
            /** @description RFC 9457 */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    rejoinLeg: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SDPBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LegAnswer"];
                };
            };
            /** @description RFC 9457 */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    keepPerson: {
        parameters: {
            query?: never;
            header?: {
                /** @description quoted version of the card that was shown */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ChangeInputBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PersonCard"];
                };
            };
            /** @description RFC 9457 */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    personCard: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PersonCard"];
                };
            };
            /** @description RFC 9457 */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    mergePerson: {
        parameters: {
            query?: never;
            header?: {
                /** @description quoted version of the card that was shown */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MergeInputBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PersonCard"];
                };
            };
            /** @description RFC 9457 */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    setOrganisation: {
        parameters: {
            query?: never;
            header?: {
                /** @description quoted version of the card that was shown */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["OrganisationInputBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PersonCard"];
                };
            };
            /** @description RFC 9457 */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    searchPersons: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SearchInputBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PersonsFound"];
                };
            };
            /** @description RFC 9457 */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    undoMerge: {
        parameters: {
            query?: never;
            header?: {
                /** @description quoted version of the card that was shown */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MergeInputBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PersonCard"];
                };
            };
            /** @description RFC 9457 */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    invitation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                token: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InvitationView"];
                };
            };
            /** @description RFC 9457 */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    acceptInvitation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                token: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AcceptInputBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    "Set-Cookie"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Me"];
                };
            };
            /** @description RFC 9457 */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    journal: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JournalState"];
                };
            };
            /** @description RFC 9457 */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    law: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                principal: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Law"];
                };
            };
            /** @description RFC 9457 */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    offerLeg: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                offer: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SDPBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LegAnswer"];
                };
            };
            /** @description RFC 9457 */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    openings: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Openings"];
                };
            };
            /** @description RFC 9457 */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    packs: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PackList"];
                };
            };
            /** @description RFC 9457 */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    persons: {
        parameters: {
            query: {
                tel: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PersonList"];
                };
            };
            /** @description RFC 9457 */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    erase: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EraseInputBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Erased"];
                };
            };
            /** @description RFC 9457 */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    promptAudio: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "audio/wav": string;
                };
            };
            /** @description RFC 9457 */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    putPromptAudio: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "audio/wav": string;
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Item"];
                };
            };
            /** @description RFC 9457 */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    synthesise: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Item"];
                };
            };
            /** @description RFC 9457 */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    playback: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                object: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "audio/wav": string;
                };
            };
            /** @description RFC 9457 */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    matrix: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                principal: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Matrix"];
                };
            };
            /** @description RFC 9457 */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    me: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Me"];
                };
            };
            /** @description RFC 9457 */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    signIn: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SignInInputBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    "Set-Cookie"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Me"];
                };
            };
            /** @description RFC 9457 */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    signOut: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    "Set-Cookie"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description RFC 9457 */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    sessionChallenge: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WorkstationChallenge"];
                };
            };
            /** @description RFC 9457 */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    proveWorkstation: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["WorkstationProof"];
            };
        };
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description RFC 9457 */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    settingTypes: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TypeList"];
                };
            };
            /** @description RFC 9457 */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    settings: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                type: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ItemList"];
                };
            };
            /** @description RFC 9457 */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    putSetting: {
        parameters: {
            query?: never;
            header?: {
                /** @description quoted version, or "0" for what is new */
                "If-Match"?: string;
            };
            path: {
                type: string;
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": unknown;
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Item"];
                };
            };
            /** @description RFC 9457 */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    removeSetting: {
        parameters: {
            query?: never;
            header?: {
                "If-Match"?: string;
            };
            path: {
                type: string;
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description RFC 9457 */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    trySetting: {
        parameters: {
            query?: {
                days?: number;
            };
            header?: {
                /** @description quoted version, or "0" for what is new */
                "If-Match"?: string;
            };
            path: {
                type: string;
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": unknown;
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Trial"];
                };
            };
            /** @description RFC 9457 */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    openSupport: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["OpenSupportInputBody"];
            };
        };
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description RFC 9457 */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    closeSupport: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description RFC 9457 */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    confirmSupport: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ConfirmSupportInputBody"];
            };
        };
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description RFC 9457 */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    noteUnusual: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                account: string;
                what: "persons" | "hours" | "place";
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NoteUnusualRequest"];
            };
        };
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description RFC 9457 */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    why: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                seq: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Why"];
                };
            };
            /** @description RFC 9457 */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    offerWorkstation: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["OfferStationInputBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WorkstationCode"];
                };
            };
            /** @description RFC 9457 */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    workstationChallenge: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WorkstationChallenge"];
                };
            };
            /** @description RFC 9457 */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    enrolWorkstation: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EnrolStationInputBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WorkstationName"];
                };
            };
            /** @description RFC 9457 */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
}
