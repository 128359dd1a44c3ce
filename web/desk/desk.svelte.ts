// SPDX-License-Identifier: EUPL-1.2
// The desk of one agent in this browser: the leading tab owns channel, microphone, leg and ringing; others mirror it.
import { api } from '$lib/api/client';
import type { DeskSnapshot, Field, Frame, Me } from '$lib/api/types';
import { learn } from '$lib/clock.svelte';
import { Link, liveUrl } from '$lib/live/link';
import { Tabs } from '$lib/live/tabs';
import { attempt, warn } from '$lib/notices.svelte';
import { Microphone } from '$lib/phone/microphone.svelte';
import { Phone } from '$lib/phone/phone.svelte';
import { Ringer } from '$lib/phone/ringer';
import { Lookup } from './card.svelte';
import { PersonFile } from './person.svelte';
import { emptyView, fromFrame, fromSnapshot, type View } from './view';

/** What an agent can do; the names are those of the live channel where there is one. */
export type Deed = 'ready' | 'pause' | 'offline' | 'accept' | 'decline' | 'hold' | 'resume' | 'hangup' | 'oppose' | 'dispose' | 'extend' | 'mute' | 'microphone' | 'rejoin' | 'takeBack';

const REJOIN_MS = 1000;

export class Desk {
  readonly me: Me;
  readonly view = $state<View>(emptyView());
  readonly mic = new Microphone();
  readonly phone = new Phone();
  readonly lookup = new Lookup();
  readonly person = new PersonFile();
  /** Another tab holds sound and channel. */
  mirror = $state(false);
  /** Deeds under way: their buttons wait. */
  readonly busy = $state<Record<string, boolean>>({});
  readonly #onended: () => void;
  readonly #ringer = new Ringer();
  readonly #link: Link;
  readonly #tabs: Tabs;
  #rejoin: ReturnType<typeof setTimeout> | undefined;
  #backing = false;
  #proved = false; // this channel was told that the microphone was heard
  #legOf = ''; // offer or interaction the present leg was made for

  constructor(me: Me, onended: () => void) {
    this.me = me;
    this.#onended = onended;
    this.#link = new Link(liveUrl('desk'), {
      snapshot: (s, at) => this.#change(() => this.#snapshot(s as DeskSnapshot, at)),
      frame: (f) => this.#change(() => this.#frame(f)),
      state: (state, since) => this.#change(() => { this.view.link = state; this.view.linkSince = since; }),
    });
    this.#tabs = new Tabs(`rivage-desk-${me.account}`, {
      lead: () => { this.mirror = false; this.#link.start(); },
      asked: (action, args) => this.#do(action as Deed, args),
      shown: (v) => { this.mirror = true; Object.assign(this.view, { interaction: undefined, ended: undefined }, v as View); this.lookup.follow(this.view); this.person.follow(this.view); this.#endedBy(); },
      hello: () => this.#publish(),
    });
    this.mic.onlost = () => void this.#withdraw();
    this.phone.onlost = () => this.#reconcile();
  }

  /** This desk rings in the browser, not on a fixed telephone. */
  get softphone(): boolean { return this.me.agent?.device.kind !== 'sip'; }

  close(): void {
    clearTimeout(this.#rejoin);
    this.lookup.forget();
    this.person.forget();
    this.#ringer.stop();
    this.phone.close();
    this.mic.stop();
    this.#link.stop();
    this.#tabs.close();
  }

  /** Does something, here or in the leading tab, and says what went wrong. */
  async act(deed: Deed, ...args: unknown[]): Promise<boolean> {
    if (this.busy[deed]) return false;
    this.busy[deed] = true;
    const done = await attempt(() => (this.mirror ? this.#tabs.ask(deed, args) : this.#do(deed, args)));
    this.busy[deed] = false;
    return done;
  }

  /** Asks for the caller of the call at hand again: an entry of the journal. */
  async caller(): Promise<Field | undefined> {
    const i = this.view.interaction;
    return i && (await api.fields(i.id, ['caller'])).fields[0];
  }

  /** Tells mirrors what changed in the sound; called by the page, which follows those states. */
  sound(): void {
    if (this.mirror) return;
    this.view.mic = this.mic.state;
    this.#prove();
    this.view.phone = this.phone.state;
    this.view.muted = this.phone.muted;
    this.#publish();
  }

  async #do(deed: Deed, args: unknown[]): Promise<void> {
    const i = this.view.interaction;
    switch (deed) {
      case 'microphone': return this.mic.start();
      case 'mute': this.phone.mute(args[0] === true); return;
      case 'rejoin': this.#legOf = ''; this.phone.close(); this.#reconcile(); return;
      case 'takeBack': this.#link.start(); return;
      case 'ready':
        this.#proved = this.mic.passed;
        await this.#link.send('ready', { microphone: this.mic.passed, device: this.me.agent?.device.kind });
        return;
      case 'pause': await this.#link.send('pause', { reason: args[0] }); return;
      case 'offline': await this.#link.send('offline'); return;
      case 'accept': await this.#link.send('accept', { offer: i?.offer?.id }); return;
      case 'decline': await this.#link.send('decline', { offer: i?.offer?.id, reason: args[0] }); return;
      case 'dispose': await this.#link.send('dispose', { interaction: i?.id, disposition: args[0], note: args[1] }); return;
      default: await this.#link.send(deed, { interaction: i?.id });
    }
  }

  #change(change: () => void): void {
    change();
    this.lookup.follow(this.view);
    this.person.follow(this.view);
    this.#reconcile();
    this.#publish();
    this.#endedBy();
  }

  #endedBy(): void {
    if (this.view.link === 'ended') this.#onended();
  }

  #snapshot(s: DeskSnapshot, at?: string): void {
    learn(at);
    fromSnapshot(this.view, s, at);
    this.#proved = false;
    // after a reload presence is still the server's: the microphone must follow it
    const needed = this.softphone && s.me.state !== 'offline' && s.me.state !== 'paused' && s.me.state !== 'unreachable';
    if (needed && !this.mic.open) void this.#listen();
  }

  #frame(f: Frame): void {
    learn(f.at);
    fromFrame(this.view, f);
  }

  async #listen(): Promise<void> {
    await this.mic.start();
    if (!this.mic.open) await this.#withdraw();
    else this.#reconcile();
  }

  /**
   * An agent who is ready stays so on a new channel, and becomes so with a disposition that was due, but is offered nothing
   * until the channel hears of the microphone.
   */
  #prove(): void {
    if (!this.softphone || this.#proved || this.view.link !== 'open' || this.view.agent?.state !== 'ready') return;
    if (this.mic.state === 'idle') void this.#listen();
    if (!this.mic.passed) return;
    this.#proved = true;
    this.#do('ready', []).catch(() => { this.#proved = false; });
  }

  /** Without a microphone nobody may be offered a call. */
  async #withdraw(): Promise<void> {
    if (this.view.agent?.state !== 'ready') return;
    try {
      await this.#link.send('pause', { reason: 'microphone' });
    } catch {
      await attempt(() => this.#link.send('offline'));
    }
  }

  #publish(): void {
    this.#tabs.show($state.snapshot(this.view));
  }

  /** Makes sound agree with the server's state; the server is always right. */
  #reconcile(): void {
    const i = this.view.interaction;
    const rings = i?.state === 'offered' && i.offer?.accepted === false;
    if (rings) this.#ringer.start();
    else this.#ringer.stop();
    if (!this.softphone) return;
    this.#prove();
    if (!i || i.state === 'wrap_up') {
      clearTimeout(this.#rejoin);
      this.phone.close();
      this.phone.mute(false);
      this.#legOf = '';
    } else if (i.state === 'offered') this.#ring(i.offer?.id ?? '');
    else if (this.phone.state === 'none' || this.phone.state === 'lost') this.#rejoinSoon(0);
  }

  /** Connects while it rings, so that the acceptance opens sound at once. */
  #ring(offer: string): void {
    const track = this.mic.track;
    if (!track || !offer || this.#legOf === offer) return;
    this.#legOf = offer;
    this.phone.connect(track, (sdp) => api.offerLeg(offer, sdp)).catch((e: unknown) => {
      if (this.view.interaction?.offer?.id === offer) warn(e);
    });
  }

  #rejoinSoon(ms: number): void {
    clearTimeout(this.#rejoin);
    this.#rejoin = setTimeout(() => void this.#back(), ms);
  }

  async #back(): Promise<void> {
    const i = this.view.interaction;
    if (!i || !['connected', 'held', 'parked'].includes(i.state) || this.view.link !== 'open') return;
    if (this.#backing || this.phone.state === 'connecting' || this.phone.state === 'connected') return;
    this.#backing = true; // opening the microphone takes a moment, in which we may be asked again
    try {
      if (!this.mic.open) await this.mic.start();
      const track = this.mic.track;
      if (track) await this.phone.connect(track, (sdp) => api.rejoinLeg(i.id, sdp));
    } catch {
      this.#rejoinSoon(REJOIN_MS); // the server may still hold the leg that was lost
    } finally {
      this.#backing = false;
    }
  }
}
