import { type CDPSession, type Page, test } from '@playwright/test';

/** What the page's main thread was busy with, in milliseconds of its own time: other processes do not count. */
export interface Spent {
  readonly script: number;
  readonly layout: number;
  readonly style: number;
  readonly task: number;
}

/** Reads the main thread's clock. */
export class Gauge {
  readonly #session: CDPSession;

  private constructor(session: CDPSession) {
    this.#session = session;
  }

  static async of(page: Page): Promise<Gauge> {
    const session = await page.context().newCDPSession(page);
    await session.send('Performance.enable', { timeDomain: 'threadTicks' });
    return new Gauge(session);
  }

  /** What was spent while something ran. */
  async during(run: () => Promise<void>): Promise<Spent> {
    await this.#session.send('HeapProfiler.collectGarbage');
    const before = await this.#read();
    await run();
    const after = await this.#read();
    const spent = (name: string): number => ((after.get(name) ?? 0) - (before.get(name) ?? 0)) * 1_000;
    return {
      script: spent('ScriptDuration'),
      layout: spent('LayoutDuration'),
      style: spent('RecalcStyleDuration'),
      task: spent('TaskDuration'),
    };
  }

  async #read(): Promise<Map<string, number>> {
    const { metrics } = await this.#session.send('Performance.getMetrics');
    return new Map(metrics.map(({ name, value }) => [name, value]));
  }
}

/** Puts a line into the table. */
export function figure(what: string, found: string, wanted: string): void {
  test.info().annotations.push({ type: 'figure', description: `| ${what} | ${found} | ${wanted} |` });
}

/** The value below which this share lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? 0;
}
