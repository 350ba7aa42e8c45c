import { expect, test as base } from '@playwright/test';
import { Crowd } from './crowd.ts';
import { figure, Gauge, quantile, type Spent } from './gauge.ts';
import { walk } from './walk.ts';

/** Messages of the long room; fewer make a quick look. */
const many = Number(process.env['MYNA_BENCH_MESSAGES'] ?? 50_000);

const test = base.extend<{ start: (rooms: number) => Promise<Crowd> }>({
  start: async ({}, use) => {
    const started: Crowd[] = [];
    await use(async (rooms) => {
      const crowd = await Crowd.start(rooms);
      started.push(crowd);
      return crowd;
    });
    for (const crowd of started) await crowd.dispose();
  },
});

const ms = (value: number): string => `${Math.round(value)} ms`;

test('messages that come in', async ({ context, start }) => {
  const crowd = await start(8);
  const [room = ''] = crowd.rooms;
  await crowd.fill(room, 200);
  const page = await crowd.open(context, room);
  const gauge = await Gauge.of(page);
  const total = 1_000;
  for (const rate of [100, 300, 1_000]) {
    const rounds: Spent[] = [];
    for (let round = 0; round < 3; round++) {
      const spent = await gauge.during(async () => {
        await crowd.talk(room, total, rate);
        await crowd.say(room, `end of ${rate} ${round}`);
        await expect(page.locator('article').last()).toContainText(`end of ${rate} ${round}`);
        await page.waitForTimeout(1_000); // what is put off counts as well
      });
      rounds.push(spent);
    }
    const median = (of: (spent: Spent) => number): string => ms(quantile(rounds.map(of), 0.5));
    const rest = `layout and style ${median((s) => s.layout + s.style)}, all tasks ${median((s) => s.task)}`;
    figure(`1,000 messages at ${rate}/s, room followed: script (${rest})`, median((s) => s.script), '≤ 300 ms');
  }
});

test('rooms seen before', async ({ context, start }) => {
  const crowd = await start(5);
  for (const room of crowd.rooms) await crowd.fill(room, 250);
  const page = await crowd.open(context, crowd.rooms[0] ?? '');
  const gauge = await Gauge.of(page);
  const switchTo = (room: string): Promise<number> =>
    page.evaluate(async (id) => {
      const line = document.querySelector<HTMLElement>(`nav a[href$="/c/${id}"]`);
      const before = document.querySelector('[role=log]');
      const start = performance.now();
      line?.click();
      const frame = (): Promise<unknown> => new Promise((drawn) => requestAnimationFrame(drawn));
      do await frame();
      while (document.querySelector('[role=log]') === before || document.querySelector('[role=log] article') === null);
      await new Promise((done) => setTimeout(done)); // a frame's callbacks run before it is painted, this after
      return performance.now() - start;
    }, room);
  for (const room of [...crowd.rooms.slice(1), ...crowd.rooms]) {
    await switchTo(room);
    await page.waitForTimeout(300);
  }
  const took: number[] = [];
  const busy: number[] = [];
  for (let i = 0; i < 30; i++) {
    const room = crowd.rooms[i % crowd.rooms.length] ?? '';
    const spent = await gauge.during(async () => void took.push(await switchTo(room)));
    busy.push(spent.task);
    await page.waitForTimeout(200);
  }
  const spread = `median ${ms(quantile(took, 0.5))}; the main thread is busy ${ms(quantile(busy, 0.5))}`;
  figure(`a room seen before, click to paint, p95 of 30 (${spread})`, ms(quantile(took, 0.95)), '≤ 50 ms');
});

test('a long room', async ({ context, start }) => {
  const crowd = await start(1);
  const [room = ''] = crowd.rooms;
  await crowd.fill(room, many);
  const page = await crowd.open(context, room);
  const back = await walk(page, -600, 400);
  const middle = Math.floor(many / 2);
  await page.goto(crowd.address(room, middle));
  await expect(page.locator(`article[data-seq="${middle}"]`)).toBeInViewport();
  const up = await walk(page, -600, 60);
  const down = await walk(page, 600, 120);
  const size = many.toLocaleString('en');
  const reached = `${back.first.toLocaleString('en')} of ${size}, and both ways from a link to ${middle.toLocaleString('en')}`;
  const all = [back, up, down];
  const most = Math.max(...all.map(({ drift }) => drift));
  figure(`wheel from the newest back to ${reached}: steps with a gap`, `${all.reduce((sum, w) => sum + w.gaps, 0)} of ${all.reduce((sum, w) => sum + w.steps, 0)}`, '0');
  figure('the same: most a row moved beyond the scroll', `${most.toFixed(1)} px`, '≤ 1.5 px');
  figure('the same: steps that had to wait for a page', `${all.reduce((sum, w) => sum + w.waits, 0)}`, 'few');
});

test('a cold start', async ({ context, start }) => {
  const crowd = await start(5);
  for (const room of crowd.rooms) await crowd.fill(room, 120);
  const [room = ''] = crowd.rooms;
  const first = await crowd.open(context, room);
  await first.waitForTimeout(4_000); // until what is kept has been written
  await first.close();
  const page = await context.newPage();
  await page.route('**/api/**', () => {}); // a network that never answers
  await page.routeWebSocket(/\/api\//, () => {});
  const took: number[] = [];
  for (let i = 0; i < 5; i++) {
    await page.goto(crowd.address(room), { waitUntil: 'commit' });
    const at = await page.waitForFunction(() => {
      const shown = document.querySelectorAll('[role=log] article').length > 20;
      return shown && document.querySelectorAll('nav a[href*="/c/"]').length === 5 && performance.now();
    });
    took.push(Number(await at.jsonValue()));
  }
  figure('a cold start, the last screen drawn without any answer, median of 5', ms(quantile(took, 0.5)), 'drawn');
});
