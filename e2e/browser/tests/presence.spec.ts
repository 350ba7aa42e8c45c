import { expect, test } from '../support/test.ts';

test('people see who is there and who is writing', async ({ arrive }) => {
  const ann = await arrive('ann');
  const bob = await arrive('bob');
  await ann.page.keyboard.press('Control+.');
  const panel = ann.page.getByRole('complementary', { name: ann.t.shell.panel });
  const line = panel.getByRole('listitem').filter({ hasText: 'bob' });
  await expect(line.getByRole('link', { name: new RegExp(ann.t.presence.online) })).toBeVisible();
  await bob.composer.pressSequentially('I am writ');
  await expect(ann.page.getByText(ann.t.log.typing(['bob']))).toBeVisible();
  await expect(line.getByRole('link', { name: new RegExp(ann.t.presence.online) })).toBeVisible();
  await bob.page.close();
  await expect(line.getByRole('link', { name: new RegExp(ann.t.presence.offline) })).toBeVisible();
});
