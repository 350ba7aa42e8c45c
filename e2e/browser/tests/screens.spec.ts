import { expectAccessibleInBothThemes } from '../support/axe.ts';
import { api } from '../support/api.ts';
import { expect, test } from '../support/test.ts';

// axe on every screen there is, light and dark, in both languages. Rooms with messages are looked at
// where people talk in them.

const rich = `A message with **bold**, *italic*, ~~strike~~, \`code\`, a https://example.org/link and @ann.

> a quote
> of two lines

- a list
- of things

\`\`\`go
func main() { println("你好") }
\`\`\``;

for (const language of ['en', 'zh-CN'] as const) {
  test.describe(language, () => {
    test.use({ language });

    test('ways in', async ({ arrive, visit, server }) => {
      const stranger = await visit('stranger');
      await stranger.go();
      await expect(stranger.page.getByRole('heading', { name: stranger.t.sign.setupNeedsLink })).toBeVisible();
      await expectAccessibleInBothThemes(stranger.page, 'not set up');
      const ann = await arrive('ann');
      await stranger.go();
      await expect(stranger.button(stranger.t.sign.signIn)).toBeVisible();
      await expectAccessibleInBothThemes(stranger.page, 'login');
      await stranger.field(stranger.t.sign.username).fill('ann');
      await stranger.field(stranger.t.sign.password).fill('wrong, and long enough');
      await stranger.button(stranger.t.sign.signIn).click();
      await expect(stranger.page.getByText(stranger.t.errors.wrong_login)).toBeVisible();
      await expectAccessibleInBothThemes(stranger.page, 'login, refused');
      await stranger.go('invite/nonsense');
      await expect(stranger.page.getByRole('heading', { name: stranger.t.sign.inviteSpentTitle })).toBeVisible();
      await expectAccessibleInBothThemes(stranger.page, 'a spent invite');
      await api(ann, 'PATCH', 'settings', { registration: 'open' });
      await stranger.go('signup');
      await expect(stranger.button(stranger.t.sign.signUp)).toBeVisible();
      await expectAccessibleInBothThemes(stranger.page, 'signup');
      await stranger.page.goto(`${server.url}/reset#nonsense`);
      await expect(stranger.page.getByRole('heading', { name: stranger.t.sign.resetTitle })).toBeVisible();
      await expectAccessibleInBothThemes(stranger.page, 'reset');
    });

    test('settings, channels and what does not exist', async ({ arrive }) => {
      const ann = await arrive('ann');
      for (const page of ['profile', 'account', 'sessions', 'appearance', 'server', 'invites']) {
        await ann.go(`settings/${page}`);
        await expect(ann.page.getByRole('heading', { level: 2 }).first()).toBeVisible();
        await expectAccessibleInBothThemes(ann.page, `settings/${page}`);
      }
      await ann.go('browse');
      await expect(ann.page.getByText(ann.t.browse.members(1))).toBeVisible();
      await expectAccessibleInBothThemes(ann.page, 'browse');
      await ann.go('c/r_0000000000001');
      await expect(ann.page.getByRole('heading', { name: ann.t.shell.notInside, level: 1 })).toBeVisible();
      await expectAccessibleInBothThemes(ann.page, 'a room one is not in');
      await ann.go('no/such/place');
      await expect(ann.page.getByRole('heading', { name: ann.t.shell.notFound, level: 1 })).toBeVisible();
      await expectAccessibleInBothThemes(ann.page, 'nothing here');
    });

    test('a room with everything open', async ({ arrive }) => {
      const ann = await arrive('ann');
      const bob = await arrive('bob');
      await bob.composer.fill(rich);
      await bob.composer.press('Enter');
      await expect(ann.log.locator('pre')).toBeVisible();
      await ann.log.getByRole('article').last().hover();
      await expectAccessibleInBothThemes(ann.page, 'rich text and a toolbar');
      await ann.page.keyboard.press('Control+.');
      await expect(ann.page.getByRole('complementary', { name: ann.t.shell.panel })).toBeVisible();
      await expectAccessibleInBothThemes(ann.page, 'details');
      await ann.page.keyboard.press('Control+.');

      for (const [name, item] of [
        ['invite', ann.t.shell.invite],
        ['new message', ann.t.rooms.newDirect],
        ['new channel', ann.t.rooms.create],
        ['shortcuts', ann.t.shell.shortcuts],
      ] as const) {
        await ann.menu(item);
        await expect(ann.dialog).toBeVisible();
        await expectAccessibleInBothThemes(ann.page, name);
        await ann.page.keyboard.press('Escape');
        await expect(ann.dialog).toHaveCount(0);
      }
      await ann.page.keyboard.press('Control+k');
      await expect(ann.dialog.getByRole('option').first()).toBeVisible();
      await expectAccessibleInBothThemes(ann.page, 'switcher');
      await ann.page.keyboard.press('Escape');
      await ann.composer.pressSequentially('@');
      await expect(ann.page.getByRole('listbox').getByRole('option').first()).toBeVisible();
      await expectAccessibleInBothThemes(ann.page, 'suggestions');
    });
  });
}
