import { api, channel, post } from '../support/api.ts';
import { expect, test } from '../support/test.ts';

test('a channel is made, found, joined and talked in', async ({ arrive }) => {
  const ann = await arrive('ann');
  const bob = await arrive('bob');
  await ann.menu(ann.t.rooms.create);
  await ann.dialog.getByLabel(ann.t.browse.name, { exact: true }).fill('design');
  await ann.dialog.getByRole('button', { name: ann.t.browse.create, exact: true }).click();
  await expect(ann.page.getByRole('heading', { name: 'design', level: 1 })).toBeVisible();
  await ann.says('shapes and colours');

  await bob.sidebar.getByRole('link', { name: bob.t.shell.browse }).click();
  await bob.button(`${bob.t.browse.join}: design`).click();
  await bob.sees('shapes and colours');
  await bob.says('and lines');
  await ann.sees('and lines');
});

test('a conversation between two begins from the menu', async ({ arrive }) => {
  const ann = await arrive('ann');
  const bob = await arrive('bob');
  await ann.menu(ann.t.rooms.newDirect);
  await ann.page.keyboard.type('bob');
  await ann.dialog.getByRole('option', { name: /bob/ }).or(ann.dialog.getByRole('checkbox', { name: /bob/ })).first().click();
  await ann.dialog.getByRole('button', { name: ann.t.people.start, exact: true }).click();
  await expect(ann.page.getByRole('heading', { name: 'bob', level: 1 })).toBeVisible();
  await ann.says('just the two of us');
  // Whatever is said between two is meant for the other, and counts like a mention.
  await expect(bob.room('ann')).toContainText(bob.t.rooms.mentionCount(1));
  await bob.room('ann').click();
  await bob.sees('just the two of us');
  await expect(bob.room('ann')).not.toContainText(bob.t.rooms.mentionCount(1));
});

test('what is unread is counted, and read by being looked at', async ({ arrive }) => {
  const ann = await arrive('ann');
  const bob = await arrive('bob');
  const room = await channel(ann, 'busy');
  await bob.sidebar.getByRole('link', { name: bob.t.shell.browse }).click();
  await bob.button(`${bob.t.browse.join}: busy`).click();
  await bob.isInside();
  await bob.room('general').click();
  for (const text of ['one', 'two', 'three @bob']) await post(ann, room, text);
  await expect(bob.room('busy')).toContainText(bob.t.rooms.mentionCount(1));
  await expect(bob.page).toHaveTitle(/\(1\)/);
  await bob.room('busy').click();
  await bob.sees('three @bob');
  await expect(bob.log.getByText(bob.t.log.newLine, { exact: true })).toBeVisible();
  await expect(bob.room('busy')).not.toContainText(bob.t.rooms.mentionCount(1));
  await expect(bob.page).not.toHaveTitle(/\(1\)/);
});

test('the switcher goes to a room with a few letters, Chinese ones by their pinyin initials', async ({ arrive }) => {
  const ann = await arrive('ann');
  await channel(ann, 'design');
  await channel(ann, '后端开发');
  await expect(ann.room('后端开发')).toBeVisible();
  await ann.page.keyboard.press('Control+k');
  await expect(ann.dialog).toBeVisible();
  await ann.page.keyboard.type('dsg');
  await ann.page.keyboard.press('Enter');
  await expect(ann.page.getByRole('heading', { name: 'design', level: 1 })).toBeVisible();
  await ann.page.keyboard.press('Control+k');
  await ann.page.keyboard.type('hdkf');
  await expect(ann.dialog.getByRole('option').first()).toContainText('后端开发');
  await ann.page.keyboard.press('Enter');
  await expect(ann.page.getByRole('heading', { name: '后端开发', level: 1 })).toBeVisible();
});

test('somebody taken out of a channel is out of it at once', async ({ arrive }) => {
  const ann = await arrive('ann');
  const bob = await arrive('bob');
  const room = await channel(ann, 'inner', 'closed');
  const { id } = await api<{ id: string }>(bob, 'GET', 'me');
  await api(ann, 'POST', `rooms/${room}/members`, { users: [id] });
  await bob.room('inner').click();
  await post(ann, room, 'for those inside');
  await bob.sees('for those inside');
  await api(ann, 'DELETE', `rooms/${room}/members/${id}`);
  await expect(bob.room('inner')).toHaveCount(0);
  await expect(bob.page.getByText('for those inside')).toHaveCount(0);
});
