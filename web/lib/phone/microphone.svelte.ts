// SPDX-License-Identifier: EUPL-1.2
// The standing microphone: opened once, its sound really measured, watched until it is closed.
import { decibels, rms, step } from './level';

export type MicrophoneState = 'idle' | 'asking' | 'listening' | 'silent' | 'passed' | 'refused' | 'absent' | 'busy' | 'lost' | 'insecure';

/** A sound louder than this is speech or near it. */
const HEARD_DB = -50;
/** How long it must have been heard in all. */
const HEARD_MS = 250;
const EVERY_MS = 50;
const SILENT_MS = 10_000;

export class Microphone {
  state = $state<MicrophoneState>('idle');
  /** 0 to 16, for a meter. */
  level = $state(0);
  label = $state('');
  track: MediaStreamTrack | null = null;
  /** Called when a microphone that had passed disappears. */
  onlost: (() => void) | undefined;
  #stream: MediaStream | null = null;
  #context: AudioContext | null = null;
  #timer: ReturnType<typeof setInterval> | undefined;

  get passed(): boolean { return this.state === 'passed'; }
  /** It is open, whether or not it was heard. */
  get open(): boolean { return this.track?.readyState === 'live'; }

  /** Opens the microphone and listens until it is heard. */
  async start(): Promise<void> {
    this.stop();
    if (!globalThis.isSecureContext || !navigator.mediaDevices) {
      this.state = 'insecure';
      return;
    }
    this.state = 'asking';
    try {
      this.#stream = await navigator.mediaDevices.getUserMedia({
        audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 },
      });
    } catch (e) {
      const name = (e as DOMException).name;
      this.state = name === 'NotFoundError' || name === 'OverconstrainedError' ? 'absent' : name === 'NotReadableError' ? 'busy' : 'refused';
      return;
    }
    this.track = this.#stream.getAudioTracks()[0] ?? null;
    this.label = this.track?.label ?? '';
    this.track?.addEventListener('ended', () => this.#gone());
    this.state = 'listening';
    this.#listen(this.#stream);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#stream?.getTracks().forEach((track) => track.stop());
    void this.#context?.close();
    this.#stream = this.#context = this.track = null;
    this.level = 0;
    this.state = 'idle';
  }

  #listen(stream: MediaStream): void {
    const context = new AudioContext();
    this.#context = context;
    const analyser = context.createAnalyser();
    analyser.fftSize = 2048;
    context.createMediaStreamSource(stream).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    let heard = 0;
    let waited = 0;
    this.#timer = setInterval(() => {
      // a page that reloads inside a call has no click yet: the context may start suspended
      if (context.state === 'suspended') void context.resume();
      analyser.getFloatTimeDomainData(samples);
      const db = decibels(rms(samples));
      const level = step(db);
      if (level !== this.level) this.level = level;
      if (this.state !== 'listening' && this.state !== 'silent') return;
      waited += EVERY_MS;
      if (db > HEARD_DB) heard += EVERY_MS;
      if (heard >= HEARD_MS) this.state = 'passed';
      else if (waited >= SILENT_MS) this.state = 'silent';
    }, EVERY_MS);
  }

  #gone(): void {
    const had = this.passed;
    this.stop();
    this.state = 'lost';
    if (had) this.onlost?.();
  }
}
