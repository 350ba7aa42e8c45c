import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ServerFrame } from '../wire.ts';
import { Socket, type Line, type LineState } from './socket.ts';

/** A line whose other end is the test. */
class TestLine implements Line {
  onmessage: Line['onmessage'] = null;
  onclose: Line['onclose'] = null;
  readonly sent: string[] = [];
  closed = false;

  send(data: string): void {
    this.sent.push(data);
  }

  close(): void {
    this.closed = true;
  }

  say(frame: ServerFrame): void {
    this.onmessage?.call({} as WebSocket, { data: JSON.stringify(frame) } as MessageEvent);
  }

  end(code: number): void {
    this.onclose?.call({} as WebSocket, { code } as CloseEvent);
  }

  ready(): void {
    this.say({ type: 'ready', user: 'u_1', session: 's_1', version: '1', now: '', heads: {} });
  }
}

let lines: TestLine[] = [];
let heard: string[] = [];
let random = 1;

function make(): Socket {
  return new Socket(
    () => {
      const line = new TestLine();
      lines.push(line);
      return line;
    },
    {
      frame: (frame) => heard.push(frame.type),
      state: (state: LineState) => heard.push(state),
      broke: (code) => heard.push(`broke ${code}`),
      refused: () => heard.push('refused'),
      ended: (code) => heard.push(`ended ${code}`),
    },
    () => random,
  );
}

function last(): TestLine {
  const line = lines.at(-1);
  if (line === undefined) throw new Error('no line was opened');
  return line;
}

beforeEach(() => {
  vi.useFakeTimers();
  lines = [];
  heard = [];
  random = 1;
});

afterEach(() => {
  vi.useRealTimers();
});

describe('Socket', () => {
  it('is open with the first frame, and sends only then', () => {
    const socket = make();
    socket.start();
    expect(socket.send({ type: 'ping' })).toBe(false);
    last().ready();
    expect(heard).toEqual(['connecting', 'open', 'ready']);
    expect(socket.send({ type: 'ping' })).toBe(true);
    expect(last().sent).toEqual(['{"type":"ping"}']);
  });

  it('waits 500 ms × 2ⁿ up to 30 s, times chance, until a line holds', () => {
    const socket = make();
    socket.start();
    for (const wait of [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]) {
      last().end(1006);
      expect(socket.state).toBe('waiting');
      const before = lines.length;
      vi.advanceTimersByTime(wait - 1);
      expect(lines).toHaveLength(before);
      vi.advanceTimersByTime(1);
      expect(lines).toHaveLength(before + 1);
    }
    last().ready();
    last().end(1006);
    random = 0.5;
    vi.advanceTimersByTime(500);
    expect(socket.state).toBe('connecting');
  });

  it('says whether a line broke or was refused', () => {
    const socket = make();
    socket.start();
    last().end(1006);
    expect(heard.at(-1)).toBe('refused');
    socket.retry();
    last().ready();
    last().end(4000);
    expect(heard.at(-1)).toBe('broke 4000');
  });

  it.each([
    [4100, 'stopped', 'ended 4100'],
    [4101, 'stopped', 'ended 4101'],
    [4200, 'stopped', 'broke 4200'],
    [4002, 'waiting', 'broke 4002'],
    [1001, 'waiting', 'broke 1001'],
    [1009, 'waiting', 'broke 1009'],
  ])('obeys close code %i', (code, state, call) => {
    const socket = make();
    socket.start();
    last().ready();
    last().end(code);
    expect(socket.state).toBe(state);
    expect(heard.at(-1)).toBe(call);
    vi.advanceTimersByTime(60_000);
    expect(lines.length > 1).toBe(state === 'waiting');
  });

  it('comes back after a drain when it was told to', () => {
    const socket = make();
    socket.start();
    last().ready();
    last().say({ type: 'drain', after_ms: 7_000 });
    last().end(1001);
    vi.advanceTimersByTime(6_999);
    expect(lines).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(lines).toHaveLength(2);
  });

  it('asks after 30 s of silence and gives up 10 s later', () => {
    const socket = make();
    socket.start();
    last().ready();
    vi.advanceTimersByTime(30_000);
    expect(last().sent).toEqual(['{"type":"ping"}']);
    last().say({ type: 'pong', now: '' });
    vi.advanceTimersByTime(30_000);
    expect(last().sent).toHaveLength(2);
    const silent = last();
    vi.advanceTimersByTime(10_000);
    expect(silent.closed).toBe(true);
    expect(heard).toContain('broke 4001');
    expect(socket.state).toBe('waiting');
  });

  it('gives up a handshake that never ends', () => {
    make().start();
    vi.advanceTimersByTime(15_000);
    expect(last().closed).toBe(true);
    expect(heard.at(-1)).toBe('refused');
  });

  it('closes when the device goes offline and tries at once when it is back', () => {
    const socket = make();
    socket.start();
    last().ready();
    socket.offline();
    expect(last().closed).toBe(true);
    expect(heard.slice(-2)).toEqual(['offline', 'broke 1001']);
    vi.advanceTimersByTime(120_000);
    expect(lines).toHaveLength(1);
    socket.wake();
    expect(lines).toHaveLength(2);
  });

  it('wakes from waiting, but not after a fault of ours', () => {
    const socket = make();
    socket.start();
    last().ready();
    last().end(1006);
    socket.wake();
    last().ready();
    last().end(4201);
    socket.wake();
    expect(lines).toHaveLength(2);
    socket.retry();
    expect(lines).toHaveLength(3);
  });

  it('leaves out what is no frame, and everything from an old line', () => {
    const socket = make();
    socket.start();
    const old = last();
    old.ready();
    for (const data of ['', '{', '[1', new ArrayBuffer(2)]) old.onmessage?.call({} as WebSocket, { data } as MessageEvent);
    const late = old.onmessage;
    socket.stop();
    late?.call({} as WebSocket, { data: '{"type":"pong","now":""}' } as MessageEvent);
    expect(heard).toEqual(['connecting', 'open', 'ready', 'stopped']);
  });
});
