// SPDX-License-Identifier: EUPL-1.2
// One leg between this browser and the server: A-law and telephone-event, nothing else.

export type PhoneState = 'none' | 'connecting' | 'connected' | 'lost';

type Post = (sdp: string) => Promise<{ leg: string; sdp: string }>;

export class Phone {
  state = $state<PhoneState>('none');
  muted = $state(false);
  /** The browser refused to play without a click. */
  blocked = $state(false);
  /** Id of the leg the server gave. */
  leg = '';
  /** What the other party says; an <audio> element plays it. */
  stream = $state.raw<MediaStream | null>(null);
  onlost: (() => void) | undefined;
  /** The other end closed the leg. Unset, that is a loss like any other, seen seconds later. */
  onended: (() => void) | undefined;
  #pc: RTCPeerConnection | null = null;
  #sender: RTCRtpSender | null = null;
  #grace: ReturnType<typeof setTimeout> | undefined;

  /** Makes a leg: the offer leaves at once, since waiting for candidates may never end. */
  async connect(track: MediaStreamTrack, post: Post): Promise<void> {
    this.close();
    const pc = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
    this.#pc = pc;
    this.state = 'connecting';
    const transceiver = pc.addTransceiver(track, { direction: 'sendrecv', streams: [new MediaStream([track])] });
    this.#sender = transceiver.sender;
    const codecs = RTCRtpReceiver.getCapabilities('audio')?.codecs ?? [];
    transceiver.setCodecPreferences([
      ...codecs.filter((c) => c.mimeType === 'audio/PCMA'),
      ...codecs.filter((c) => c.mimeType === 'audio/telephone-event' && c.clockRate === 8000),
    ]);
    track.enabled = !this.muted;
    pc.ontrack = (e) => { this.stream = e.streams[0] ?? new MediaStream([e.track]); };
    pc.onconnectionstatechange = () => { if (pc === this.#pc) this.#changed(pc.connectionState); };
    try {
      await pc.setLocalDescription();
      this.#watch(pc, transceiver.sender.transport);
      const answer = await post(pc.localDescription?.sdp ?? '');
      if (pc !== this.#pc) return;
      this.leg = answer.leg;
      await pc.setRemoteDescription({ type: 'answer', sdp: answer.sdp });
    } catch (e) {
      if (pc === this.#pc) this.close();
      throw e;
    }
  }

  close(): void {
    clearTimeout(this.#grace);
    const pc = this.#pc;
    this.#pc = this.#sender = null;
    pc?.close();
    this.stream = null;
    this.state = 'none';
    this.leg = '';
  }

  /** Stops or lets the microphone through; the other party hears silence. */
  mute(on: boolean): void {
    this.muted = on;
    const track = this.#sender?.track;
    if (track) track.enabled = !on;
  }

  /** Sends one key, RFC 4733. */
  digit(key: string): void {
    this.#sender?.dtmf?.insertDTMF(key, 120, 80);
  }

  /** Plays on the element given; called again on a click when the browser had refused. */
  async play(audio: HTMLAudioElement): Promise<void> {
    if (audio.srcObject !== this.stream) audio.srcObject = this.stream;
    if (!this.stream) return;
    try {
      await audio.play();
      this.blocked = false;
    } catch (e) {
      this.blocked = (e as DOMException).name === 'NotAllowedError';
    }
  }

  /** A server that closes a leg says so over DTLS, which the state of the connection does not show. */
  #watch(pc: RTCPeerConnection, dtls: RTCDtlsTransport | null): void {
    dtls?.addEventListener('statechange', () => {
      if (pc !== this.#pc || dtls.state !== 'closed' || !this.onended) return;
      this.close();
      this.onended();
    });
  }

  #changed(state: RTCPeerConnectionState): void {
    clearTimeout(this.#grace);
    if (state === 'connected') this.state = 'connected';
    else if (state === 'failed' || state === 'closed') this.#lose();
    // a short loss heals by itself; a longer one is taken up by rejoining
    else if (state === 'disconnected') this.#grace = setTimeout(() => this.#lose(), 3000);
  }

  #lose(): void {
    this.close();
    this.state = 'lost';
    this.onlost?.();
  }
}
