import { expectAccessibleInBothThemes } from '../support/axe.ts';
import type { Locale } from '../support/person.ts';
import { expect, test } from '../support/test.ts';

// What the README promises, as a new user would do it: the owner comes by the printed link, a second
// person by an invite in another browser; they talk, reload, lose the network and come back.

const words: Readonly<Record<Locale, readonly [string, string, string, string]>> = {
  en: ['Hello, is this on?', 'Loud and clear!', 'Written without a network', 'And while you were away'],
  'zh-CN': ['你好，听得到吗？', '很清楚！', '没有网络时写的', '你不在的时候写的'],
};

for (const language of ['en', 'zh-CN'] as const) {
  test.describe(language, () => {
    test.use({ language });

    test('two new people meet and talk', async ({ visit, server }) => {
      const [hello, loud, offline, away] = words[language];
      const ann = await visit('ann');
      await ann.page.goto(await server.setupLink());
      await expect(ann.page.getByRole('heading', { name: ann.t.sign.setupTitle })).toBeVisible();
      await expectAccessibleInBothThemes(ann.page, 'setup');
      await ann.setUp('Birds of Paradise');
      await expectAccessibleInBothThemes(ann.page, 'an empty room');

      const link = await ann.inviteLink();
      const bob = await visit('小明');
      await bob.page.goto(link);
      await expect(bob.page.getByText('Birds of Paradise')).toBeVisible();
      await expectAccessibleInBothThemes(bob.page, 'invite');
      await bob.accept(link);

      await ann.says(hello);
      await bob.sees(hello);
      await bob.says(loud);
      await ann.sees(loud);
      await expectAccessibleInBothThemes(bob.page, 'a room with messages');

      await bob.page.reload();
      await bob.isInside();
      await bob.sees(hello);
      await bob.sees(loud);

      // The network goes. What is written waits; what others write comes later; nothing comes twice.
      await bob.online(false);
      await expect(bob.page.getByText(bob.t.shell.offline)).toBeVisible();
      await expectAccessibleInBothThemes(bob.page, 'offline');
      await bob.say(offline);
      await expect(bob.pending(offline)).toHaveCount(1);
      await ann.says(away);
      await bob.online(true);
      await bob.sees(away);
      await ann.sees(offline);
      await expect(bob.pending(offline)).toHaveCount(0);
      await expect(bob.page.getByText(bob.t.shell.offline)).toBeHidden();
      expect(await ann.texts()).toEqual(await bob.texts());
    });
  });
}
