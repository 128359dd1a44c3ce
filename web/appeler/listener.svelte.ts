// SPDX-License-Identifier: EUPL-1.2
// How loud what one hears is.
import { decibels, rms, step } from '$lib/phone/level';

export class Listener {
  /** 0 to 16, for a meter. */
  level = $state(0);
  #context: AudioContext | null = null;
  #timer: ReturnType<typeof setInterval> | undefined;

  /** Measures a stream until the next one; null stops. */
  listen(stream: MediaStream | null): void {
    clearInterval(this.#timer);
    void this.#context?.close();
    this.#context = null;
    this.level = 0;
    if (!stream) return;
    const context = new AudioContext();
    this.#context = context;
    const analyser = context.createAnalyser();
    analyser.fftSize = 2048;
    context.createMediaStreamSource(stream).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    this.#timer = setInterval(() => {
      if (context.state === 'suspended') void context.resume();
      analyser.getFloatTimeDomainData(samples);
      const level = step(decibels(rms(samples)));
      if (level !== this.level) this.level = level;
    }, 80);
  }
}
