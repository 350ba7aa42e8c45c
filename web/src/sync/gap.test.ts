import { describe, expect, it } from 'vitest';
import { ApiError } from '../net/api.ts';
import type { Change } from '../wire.ts';
import { Random } from '../../test/random.ts';
import { Gaps } from './gap.ts';

/** A change of a row whose text is its rev. */
function change(rev: number, key = `u${rev}`, scope = 'directory'): Change {
  const row = { id: key, username: key, name: String(rev), role: 'member' as const, disabled: false, created_at: '', rev };
  return { type: 'change', scope, rev, kind: 'user', row };
}

/** A scope on a server, and what a client made of it. */
class Bench {
  readonly rows = new Map<string, Change>();
  readonly applied: number[] = [];
  readonly state = new Map<string, number>();
  readonly calls: string[] = [];
  rev = 0;
  fail: ApiError | undefined;
  readonly gaps = new Gaps({
    fetch: async (scope, after) => {
      this.calls.push(`fetch ${scope} ${after}`);
      await Promise.resolve();
      if (this.fail !== undefined) throw this.fail;
      const all = [...this.rows.values()].filter((row) => row.rev > after).sort((a, b) => a.rev - b.rev);
      const rows = all.slice(0, 3);
      return { scope, rows, head: this.rev, more: all.length > 3, reset: false };
    },
    apply: (_scope, changes) => {
      for (const { rev, row } of changes) {
        this.applied.push(rev);
        this.state.set((row as { id: string }).id, rev);
      }
    },
    reset: (scope) => this.calls.push(`reset ${scope}`),
    lost: (scope) => this.calls.push(`lost ${scope}`),
    priority: () => 0,
  });

  /** Something changes on the server; gives the change that would be sent. */
  change(key: string): Change {
    const made = change(++this.rev, key);
    this.rows.set(key, made);
    return made;
  }

  truth(): Map<string, number> {
    return new Map([...this.rows].map(([key, { rev }]) => [key, rev]));
  }
}

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1));

describe('Gaps', () => {
  it('applies what is next in line and leaves out what is known', () => {
    const bench = new Bench();
    bench.gaps.keep('directory', 2);
    bench.gaps.changes([change(3), change(2), change(4), change(4)]);
    expect(bench.applied).toEqual([3, 4]);
    expect(bench.gaps.cursor('directory')).toBe(4);
  });

  it('fetches a gap in pages and then goes on', async () => {
    const bench = new Bench();
    bench.gaps.keep('directory', 0);
    bench.gaps.up({ directory: 0 });
    for (const key of ['a', 'b', 'c', 'd', 'a', 'e']) bench.change(key);
    bench.gaps.changes([bench.change('f')]);
    expect(bench.applied).toEqual([]);
    await settled();
    expect(bench.state).toEqual(bench.truth());
    expect(bench.calls).toEqual(['fetch directory 0', 'fetch directory 4']);
  });

  it('fetches what the heads say is missing, when the line is up', async () => {
    const bench = new Bench();
    bench.gaps.keep('directory', 0);
    bench.change('a');
    bench.gaps.heads({ directory: 1 });
    await settled();
    expect(bench.calls).toEqual([]);
    bench.gaps.up({ directory: 1 });
    await settled();
    expect(bench.state).toEqual(bench.truth());
  });

  it('fetches what was heard of a scope before it was followed', async () => {
    const bench = new Bench();
    bench.gaps.up({});
    bench.gaps.changes([bench.change('a'), bench.change('b')]);
    bench.gaps.keep('directory', 1);
    await settled();
    expect(bench.applied).toEqual([2]);
  });

  it('says which scopes are lost, and which the server knows less of than we', async () => {
    const bench = new Bench();
    bench.gaps.keep('directory', 7);
    bench.gaps.keep('r_1', 1);
    bench.fail = new ApiError(0, { code: 'bad_cursor', message: 'beyond' });
    bench.gaps.up({ directory: 5 });
    await settled();
    expect(bench.calls).toEqual(['fetch directory 7', 'lost r_1', 'reset directory']);
    expect(bench.gaps.cursor('directory')).toBeUndefined();
  });

  it('does not ask again at once for what cannot be had', async () => {
    const bench = new Bench();
    bench.gaps.keep('directory', 0);
    bench.fail = new ApiError(0, { code: 'not_found', message: 'gone' });
    bench.gaps.up({ directory: 3 });
    await settled();
    expect(bench.calls).toEqual(['fetch directory 0', 'lost directory']);
    bench.gaps.down();
  });

  it('applies a room’s rows only when all pages are there', async () => {
    const bench = new Bench();
    const lots: number[] = [];
    const gaps = new Gaps({
      fetch: async (scope, after) => {
        await Promise.resolve();
        const rows = after === 0 ? [change(1, 'a', scope), change(2, 'b', scope)] : [change(3, 'c', scope)];
        return { scope, rows, head: 3, more: after === 0, reset: false };
      },
      apply: (_scope, changes) => lots.push(changes.length),
      reset: () => {},
      lost: () => {},
      priority: () => 0,
    });
    gaps.keep('r_1', 0);
    gaps.up({ r_1: 3 });
    await settled();
    expect(lots).toEqual([3]);
    expect(bench.calls).toEqual([]);
  });

  it.each(Array.from({ length: 50 }, (_, i) => i + 1))('converges whatever is lost, doubled or shuffled (seed %i)', async (seed) => {
    const random = new Random(seed);
    const bench = new Bench();
    bench.gaps.keep('directory', 0);
    bench.gaps.up({ directory: 0 });
    let waiting: Change[] = [];
    for (let step = 0; step < 200; step++) {
      waiting.push(bench.change(`u${random.below(20)}`));
      if (random.chance(0.3)) waiting = waiting.filter(() => !random.chance(0.2));
      if (random.chance(0.3)) waiting.push(...waiting.filter(() => random.chance(0.2)));
      if (random.chance(0.3)) waiting.sort(() => random.next() - 0.5);
      if (random.chance(0.5)) bench.gaps.changes(waiting.splice(0, random.below(6)));
      if (random.chance(0.1)) await settled();
      if (random.chance(0.05)) {
        bench.gaps.down();
        waiting = [];
        bench.gaps.up({ directory: bench.rev });
      }
    }
    bench.gaps.heads({ directory: bench.rev });
    await settled();
    expect(bench.state).toEqual(bench.truth());
    expect(bench.applied).toEqual([...bench.applied].sort((a, b) => a - b));
    expect(new Set(bench.applied).size).toBe(bench.applied.length);
    bench.gaps.down();
  });
});
