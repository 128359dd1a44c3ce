// SPDX-License-Identifier: EUPL-1.2
// The live channel: one WebSocket, a snapshot, then frames whose sequence never skips; commands go up with ids.
import { Problem } from '../api/client';
import type { Frame } from '../api/types';

export type LinkState = 'connecting' | 'open' | 'lost' | 'ended' | 'replaced';

export interface LinkEvents {
  snapshot(snapshot: unknown, at?: string): void;
  frame(frame: Frame): void;
  /** since is when this state began, local milliseconds. */
  state(state: LinkState, since: number): void;
}

export interface LinkOptions {
  open?: (url: string) => WebSocket;
  /** Milliseconds between heartbeats; 0 sends none. */
  heartbeat?: number;
  /** Milliseconds without any frame after which the link is given up. */
  patience?: number;
  /** Milliseconds a command may wait for its answer, reconnections included. */
  timeout?: number;
}

interface Command {
  text: string;
  resolve(answer: { seq?: number }): void;
  reject(problem: Problem): void;
  timer: ReturnType<typeof setTimeout>;
}

interface Answer { re: string; seq?: number; error?: { code: string; detail?: string } }

/** Close codes of the server. */
const SESSION_ENDED = 4001;
const REPLACED = 4009;

/** Waits before each new attempt, so that a server that comes back is found within 5 s. */
const waits = [100, 300, 700, 1500, 2000];

export class Link {
  readonly #url: string;
  readonly #events: LinkEvents;
  readonly #options: Required<LinkOptions>;
  readonly #pending = new Map<string, Command>();
  #socket: WebSocket | null = null;
  #state: LinkState = 'connecting';
  #last = -1; // seq of the last frame taken
  #attempt = 0;
  #stopped = false;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #beat: ReturnType<typeof setInterval> | undefined;
  #watch: ReturnType<typeof setTimeout> | undefined;

  constructor(url: string, events: LinkEvents, options: LinkOptions = {}) {
    this.#url = url;
    this.#events = events;
    this.#options = { open: (u) => new WebSocket(u), heartbeat: 2000, patience: 4500, timeout: 10_000, ...options };
  }

  get state(): LinkState { return this.#state; }

  /** Connects, and reconnects until stop or the end of the session. Also takes a replaced desk back. */
  start(): void {
    this.#stopped = false;
    this.#attempt = 0;
    this.#connect();
  }

  stop(): void {
    this.#stopped = true;
    this.#close();
    clearTimeout(this.#retry);
    this.#fail(new Problem(0, 'lost'));
  }

  /** Sends a command; a reconnection sends it again under the same id, so it is done once. */
  send(what: string, args: Record<string, unknown> = {}): Promise<{ seq?: number }> {
    const id = crypto.getRandomValues(new Uint32Array(3)).join('');
    return new Promise((resolve, reject) => {
      if (this.#stopped || this.#state === 'ended' || this.#state === 'replaced') {
        reject(new Problem(0, 'lost'));
        return;
      }
      const timer = setTimeout(() => {
        this.#pending.delete(id);
        reject(new Problem(0, 'timeout'));
      }, this.#options.timeout);
      const command = { text: JSON.stringify({ id, do: what, ...args }), resolve, reject, timer };
      this.#pending.set(id, command);
      if (this.#state === 'open') this.#socket?.send(command.text);
    });
  }

  #set(state: LinkState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#events.state(state, Date.now());
  }

  #connect(): void {
    clearTimeout(this.#retry);
    if (this.#stopped) return;
    if (this.#state === 'replaced' || this.#state === 'ended') this.#set('connecting');
    const socket = this.#options.open(this.#url);
    this.#socket = socket;
    this.#last = -1;
    socket.onmessage = (e) => { if (socket === this.#socket) this.#take(String(e.data)); };
    socket.onclose = (e) => { if (socket === this.#socket) this.#closed(e.code); };
    this.#expect();
  }

  #closed(code: number): void {
    this.#close();
    if (code === SESSION_ENDED || code === REPLACED) {
      this.#set(code === REPLACED ? 'replaced' : 'ended');
      this.#fail(new Problem(0, 'lost'));
      return;
    }
    this.#again();
  }

  /** Drops the socket and tries again soon: nothing of it can be trusted any more. */
  #again(): void {
    this.#close();
    if (this.#stopped) return;
    this.#set('lost');
    const wait = waits[Math.min(this.#attempt++, waits.length - 1)] ?? 2000;
    this.#retry = setTimeout(() => this.#connect(), wait * (0.8 + 0.4 * Math.random()));
  }

  #close(): void {
    clearInterval(this.#beat);
    clearTimeout(this.#watch);
    const socket = this.#socket;
    this.#socket = null;
    if (socket) {
      socket.onmessage = null;
      socket.onclose = null;
      socket.close();
    }
  }

  #expect(): void {
    clearTimeout(this.#watch);
    if (this.#options.patience > 0) this.#watch = setTimeout(() => this.#again(), this.#options.patience);
  }

  #take(text: string): void {
    this.#expect();
    let message: Frame & Partial<Answer>;
    try {
      message = JSON.parse(text) as Frame & Partial<Answer>;
    } catch {
      this.#again();
      return;
    }
    if (message.re !== undefined) this.#answered(message as Answer);
    else if (message.snapshot) this.#opened(message);
    else if (this.#last < 0) this.#again(); // the snapshot comes first, or nothing that follows means anything
    else if (message.seq === undefined) this.#events.frame(message);
    else if ((message.from ?? message.seq) !== this.#last + 1) this.#again(); // a gap is always a fault
    else {
      this.#last = message.seq;
      this.#events.frame(message);
    }
  }

  #opened(message: Frame): void {
    this.#last = message.seq ?? -1;
    this.#attempt = 0;
    this.#set('open');
    this.#events.snapshot(message.snapshot, message.at);
    for (const c of this.#pending.values()) this.#socket?.send(c.text);
    clearInterval(this.#beat);
    if (this.#options.heartbeat > 0) {
      let n = 0;
      this.#beat = setInterval(() => this.#socket?.send(JSON.stringify({ id: `h${Date.now()}-${n++}`, do: 'heartbeat' })), this.#options.heartbeat);
    }
  }

  #answered(answer: Answer): void {
    const command = this.#pending.get(answer.re);
    if (!command) return;
    this.#pending.delete(answer.re);
    clearTimeout(command.timer);
    if (answer.error) command.reject(new Problem(0, answer.error.code, answer.error.detail));
    else command.resolve(answer.seq === undefined ? {} : { seq: answer.seq });
  }

  #fail(problem: Problem): void {
    for (const c of this.#pending.values()) {
      clearTimeout(c.timer);
      c.reject(problem);
    }
    this.#pending.clear();
  }
}

/** The address of the live channel of an app on this origin. */
export function liveUrl(app: 'desk' | 'control'): string {
  return `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/api/live?app=${app}`;
}
