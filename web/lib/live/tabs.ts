// SPDX-License-Identifier: EUPL-1.2
// One tab of this browser leads: it owns the live channel, the microphone and the ringing. The others mirror it and ask
// it to act. When it closes, the next one leads.

export interface TabEvents {
  /** This tab leads from now on. */
  lead(): void;
  /** Another tab, not the leader, asks the leader to act. */
  asked(action: string, args: unknown[]): Promise<void>;
  /** The leader shows this. */
  shown(view: unknown): void;
  /** A tab wants to know what to show. */
  hello(): void;
}

type Message =
  | { kind: 'view'; view: unknown }
  | { kind: 'hello' }
  | { kind: 'ask'; id: string; action: string; args: unknown[] }
  | { kind: 'done'; id: string; error?: unknown };

export class Tabs {
  leading = false;
  readonly #events: TabEvents;
  readonly #channel: BroadcastChannel | null;
  readonly #waiting = new Map<string, { resolve(): void; reject(e: unknown): void }>();
  #release: (() => void) | undefined;

  constructor(name: string, events: TabEvents) {
    this.#events = events;
    const able = 'locks' in navigator && 'BroadcastChannel' in globalThis; // neither exists on an insecure origin
    this.#channel = able ? new BroadcastChannel(name) : null;
    if (!this.#channel) {
      this.leading = true;
      queueMicrotask(() => events.lead());
      return;
    }
    this.#channel.onmessage = (e) => void this.#take(e.data as Message);
    void navigator.locks.request(name, () => {
      this.leading = true;
      events.lead();
      return new Promise<void>((release) => { this.#release = release; });
    });
    this.#channel.postMessage({ kind: 'hello' } satisfies Message);
  }

  /** Gives the lead away and stops listening. */
  close(): void {
    this.#release?.();
    this.#channel?.close();
  }

  /** The leader tells the others what to show. */
  show(view: unknown): void {
    if (this.leading) this.#channel?.postMessage({ kind: 'view', view } satisfies Message);
  }

  /** Asks the leader to act, and waits for it. */
  ask(action: string, args: unknown[]): Promise<void> {
    return new Promise((resolve, reject) => {
      const id = crypto.getRandomValues(new Uint32Array(2)).join('');
      this.#waiting.set(id, { resolve, reject });
      this.#channel?.postMessage({ kind: 'ask', id, action, args } satisfies Message);
    });
  }

  async #take(m: Message): Promise<void> {
    if (m.kind === 'done') {
      const w = this.#waiting.get(m.id);
      this.#waiting.delete(m.id);
      if (m.error) w?.reject(m.error);
      else w?.resolve();
      return;
    }
    if (m.kind === 'view') {
      if (!this.leading) this.#events.shown(m.view);
      return;
    }
    if (!this.leading) return;
    if (m.kind === 'hello') {
      this.#events.hello();
      return;
    }
    const done: Message = { kind: 'done', id: m.id };
    try {
      await this.#events.asked(m.action, m.args);
    } catch (e) {
      done.error = { code: (e as { code?: string }).code ?? 'internal', detail: (e as { detail?: string }).detail ?? '' };
    }
    this.#channel?.postMessage(done);
  }
}
