// SPDX-License-Identifier: EUPL-1.2
// What a desk holds of a person: it stands on this page only, and no longer than the call or the live channel, for what may
// be seen was decided for both.
import type { View } from './view';

export abstract class CallBound {
  protected of = ''; // the interaction that all this is for
  protected turn = 0; // grows when an answer that is under way is for nobody any more
  #channel = -1; // the live channel that it was asked under

  /** Keeps to the call and the channel: when either is another, nothing of before stays. Says whether there may be any. */
  follow(view: Pick<View, 'interaction' | 'link' | 'channel'>): boolean {
    const id = view.interaction?.id ?? '';
    const cut = view.link === 'lost' || view.link === 'ended' || view.link === 'replaced'; // nothing could say that it has to go
    if (id !== this.of || view.channel !== this.#channel || cut) this.forget();
    if (cut) return false;
    this.of = id;
    this.#channel = view.channel;
    return true;
  }

  /** Forgets what it holds, and for whom. */
  forget(): void {
    this.turn++;
    this.of = '';
    this.#channel = -1;
  }
}
