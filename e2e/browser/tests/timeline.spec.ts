import { post, roomId } from '../support/api.ts';
import { expect, test } from '../support/test.ts';

test('older pages come without a jump, and the newest is one press away', async ({ arrive }) => {
  test.slow(); // 160 messages are posted one by one
  const ann = await arrive('ann');
  const room = await roomId(ann, 'general');
  for (let i = 1; i <= 160; i++) await post(ann, room, `message ${i}.`);
  await ann.page.reload();
  await ann.sees('message 160.');
  await ann.page.setViewportSize({ width: 1000, height: 700 });

  // Scrolling up in steps: what stands in view moves by what was scrolled and not by what was loaded.
  let worst = 0;
  for (let step = 0; step < 60; step++) {
    const moved = await ann.page.evaluate(async () => {
      const log = document.querySelector<HTMLElement>('[role=log]');
      const rows = [...(log?.querySelectorAll<HTMLElement>('article') ?? [])];
      const height = log?.clientHeight ?? 0;
      const seen = rows.find((row) => row.getBoundingClientRect().top > height / 3);
      if (!log || !seen) return 0;
      const key = seen.dataset['key'];
      const before = seen.getBoundingClientRect().top;
      const scrolled = log.scrollTop;
      log.scrollTop -= 300;
      const by = scrolled - log.scrollTop;
      for (let frame = 0; frame < 6; frame++) await new Promise((next) => requestAnimationFrame(next));
      const after = log.querySelector<HTMLElement>(`article[data-key="${key}"]`);
      return after ? after.getBoundingClientRect().top - before - by : 0;
    });
    worst = Math.max(worst, Math.abs(moved));
    if (await ann.message('message 1.').isVisible()) break;
  }
  await expect(ann.message('message 1.')).toBeVisible();
  expect(worst).toBeLessThanOrEqual(1.5);

  await ann.button(ann.t.log.toNewest).click();
  await ann.sees('message 160.');
});

test('a link to a message shows it in the middle', async ({ arrive }) => {
  test.slow();
  const ann = await arrive('ann');
  const room = await roomId(ann, 'general');
  for (let i = 1; i <= 120; i++) await post(ann, room, `message ${i}.`);
  await ann.go(`c/${room}/30`);
  await ann.sees('message 30.');
  const box = await ann.message('message 30.').boundingBox();
  const log = await ann.log.boundingBox();
  const middle = (log?.y ?? 0) + (log?.height ?? 0) / 2;
  expect(Math.abs((box?.y ?? 0) - middle)).toBeLessThan((log?.height ?? 0) / 4);
});

test('reading further up is not disturbed by what comes', async ({ arrive }) => {
  test.slow();
  const ann = await arrive('ann');
  const bob = await arrive('bob');
  const room = await roomId(ann, 'general');
  for (let i = 1; i <= 60; i++) await post(ann, room, `message ${i}.`);
  await bob.page.reload();
  await bob.isInside();
  await bob.button(bob.t.log.toNewest).or(bob.message('message 60.')).first().waitFor();
  await bob.go(`c/${room}/20`);
  await bob.sees('message 20.');
  const before = await bob.message('message 20.').boundingBox();
  for (let i = 61; i <= 65; i++) await post(ann, room, `message ${i}.`);
  await expect(bob.page.getByRole('button', { name: bob.t.log.newCount(5) }).or(bob.button(bob.t.log.toNewest)).first()).toBeVisible();
  const after = await bob.message('message 20.').boundingBox();
  expect(Math.abs((after?.y ?? 0) - (before?.y ?? 0))).toBeLessThanOrEqual(1.5);
});
