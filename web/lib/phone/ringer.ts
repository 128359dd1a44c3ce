// SPDX-License-Identifier: EUPL-1.2
// The ringing of an offer, made here: two soft tones, one second and a half in five, as French telephones ring.

export class Ringer {
  #context: AudioContext | null = null;
  #timer: ReturnType<typeof setInterval> | undefined;

  start(): void {
    if (this.#timer) return;
    this.#ring();
    this.#timer = setInterval(() => this.#ring(), 5000);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    void this.#context?.close();
    this.#context = null;
  }

  #ring(): void {
    const context = (this.#context ??= new AudioContext());
    void context.resume();
    const gain = context.createGain();
    gain.connect(context.destination);
    const start = context.currentTime;
    gain.gain.setValueAtTime(0, start);
    for (let i = 0; i < 3; i++) {
      const at = start + i * 0.5;
      gain.gain.linearRampToValueAtTime(0.12, at + 0.02);
      gain.gain.setValueAtTime(0.12, at + 0.3);
      gain.gain.linearRampToValueAtTime(0, at + 0.38);
      gain.gain.setValueAtTime(0, at + 0.5);
    }
    for (const hz of [440, 554]) {
      const o = context.createOscillator();
      o.frequency.value = hz;
      o.connect(gain);
      o.start(start);
      o.stop(start + 1.6);
    }
  }
}
