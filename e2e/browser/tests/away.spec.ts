import type { Page } from '@playwright/test';
import { api, post, roomId } from '../support/api.ts';
import { expect, test } from '../support/test.ts';

test('a cold start shows the last screen before the network answers', async ({ arrive }) => {
  const ann = await arrive('ann');
  await ann.says('kept for later');
  await expect.poll(() => stored(ann.page), 'what the browser keeps').toContain('kept for later');
  let released = false;
  const held: (() => Promise<void>)[] = [];
  await ann.page.route('**/api/v1/**', async (route) => {
    if (released) return route.continue();
    held.push(() => route.continue());
  });
  await ann.page.reload();
  await ann.sees('kept for later');
  await expect(ann.room('general')).toBeVisible();
  expect(held.length).toBeGreaterThan(0); // the network really had not answered
  released = true;
  for (const go of held) await go();
  await ann.says('and on it goes');
});

test('what was written while the server was down is sent once, also after a reload', async ({ arrive, server }) => {
  const ann = await arrive('ann');
  const bob = await arrive('bob');
  await ann.says('before');
  await server.kill();
  await expect(ann.page.getByText(ann.t.shell.tryNow)).toBeVisible();
  await ann.say('into the dark');
  await expect(ann.pending('into the dark')).toHaveCount(1);
  await server.start();
  await ann.sees('into the dark');
  await expect(ann.pending('into the dark')).toHaveCount(0);
  await bob.sees('into the dark');
  await expect(bob.page.getByText(bob.t.shell.tryNow)).toBeHidden();

  await ann.online(false);
  await ann.say('kept in the outbox');
  await expect(ann.pending('kept in the outbox')).toHaveCount(1);
  await ann.online(true);
  await ann.page.reload();
  await ann.sees('kept in the outbox');
  await bob.sees('kept in the outbox');
  await expect(bob.message('kept in the outbox')).toHaveCount(1);
  expect(await ann.texts()).toEqual(await bob.texts());
});

test('who slept through a lot misses nothing', async ({ arrive }) => {
  const ann = await arrive('ann');
  const bob = await arrive('bob');
  const room = await roomId(ann, 'general');
  await ann.says('seen by both');
  await bob.sees('seen by both');
  const unread = async (): Promise<number> => (await api<{ unread: number }>(bob, 'GET', `rooms/${room}/counts`)).unread;
  await expect.poll(unread, 'what bob has not read').toBe(0); // it counts as read after half a second
  await bob.page.goto('about:blank');
  for (let i = 1; i <= 60; i++) await post(ann, room, `message ${i}.`);
  await bob.go(`c/${room}/2`);
  await bob.sees('message 1.');
  await bob.go(`c/${room}/61`);
  await bob.sees('message 60.');
});

test('a device that is signed out elsewhere says so and forgets', async ({ arrive, visit }) => {
  const ann = await arrive('ann');
  await ann.says('private words');
  const other = await visit('ann');
  await other.signIn();
  await other.go('settings/sessions');
  await other.page.getByRole('button', { name: /Sign out Chrom/ }).click();
  await other.page.getByRole('alertdialog').getByRole('button', { name: other.t.settings.revoke, exact: true }).click();
  await expect(ann.page.getByRole('heading', { name: ann.t.sign.endedTitle })).toBeVisible();
  const kept = await ann.page.evaluate(async () => (await indexedDB.databases()).map((database) => database.name));
  expect(kept).toEqual([]);
  await ann.button(ann.t.sign.signInAgain).click();
  await expect(ann.button(ann.t.sign.signIn)).toBeVisible();
});

/** Everything the browser keeps for this server, as one text. */
function stored(page: Page): Promise<string> {
  return page.evaluate(async () => {
    const answer = <T>(request: IDBRequest<T>): Promise<T> =>
      new Promise((done, failed) => {
        request.onsuccess = () => done(request.result);
        request.onerror = () => failed(request.error);
      });
    let all = '';
    for (const { name } of await indexedDB.databases()) {
      const database = await answer(indexedDB.open(name ?? ''));
      for (const store of database.objectStoreNames) {
        all += JSON.stringify(await answer(database.transaction(store).objectStore(store).getAll()));
      }
      database.close();
    }
    return all;
  });
}
