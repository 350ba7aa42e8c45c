import { expect, test as base } from '@playwright/test';
import { type Locale, password, Person } from './person.ts';
import { Server } from './server.ts';

interface Fixtures {
  /** A server of this test's own, with nobody on it. */
  server: Server;
  /** The language of everybody in the test. */
  language: Locale;
  /** Signs somebody in with a browser context of their own, without going through the screens. */
  arrive: (name: string, options?: Arrival) => Promise<Person>;
  /** Opens a browser context for somebody who is not signed in. */
  visit: (name: string, options?: Arrival) => Promise<Person>;
}

interface Arrival {
  readonly viewport?: { readonly width: number; readonly height: number };
  readonly touch?: boolean;
}

/** What Chromium says itself when a request fails; the tests that want it to are looking at the page. */
const network = /net::ERR_|Failed to load resource|WebSocket connection to/;

export const test = base.extend<Fixtures>({
  language: ['en', { option: true }],

  server: async ({}, use, info) => {
    const server = await Server.start();
    await use(server);
    await server.dispose();
    if (info.status !== info.expectedStatus) {
      await info.attach('server log', { body: server.log, contentType: 'text/plain' });
    }
  },

  visit: async ({ browser, server, language }, use) => {
    const contexts: { close(): Promise<void> }[] = [];
    const complaints: string[] = [];
    await use(async (name, options = {}) => {
      const context = await browser.newContext({
        locale: language === 'en' ? 'en-US' : language,
        ...(options.viewport ? { viewport: options.viewport } : {}),
        ...(options.touch ? { hasTouch: true, isMobile: true } : {}),
      });
      contexts.push(context);
      const page = await context.newPage();
      page.on('pageerror', (error) => complaints.push(`${name}: ${error.stack ?? error.message}`));
      page.on('console', (message) => {
        if (message.type() === 'error' && !network.test(message.text())) complaints.push(`${name}: ${message.text()}`);
      });
      return new Person(page, server, name, language);
    });
    for (const context of contexts) await context.close();
    // Anything the page's own policy blocks, or any error nobody caught, shows up here.
    expect.soft(complaints, 'errors in the console').toEqual([]);
  },

  arrive: async ({ visit, server }, use) => {
    let owner: Person | undefined;
    await use(async (name, options = {}) => {
      const person = await visit(name, options);
      const api = `${server.url}/api/v1`;
      if (owner === undefined) {
        owner = person;
        const token = (await server.setupLink()).split(/[/=#]/).at(-1) ?? '';
        await post(person, `${api}/setup`, { token, server_name: 'Birds', username: name, password });
      } else {
        const { code } = await post(owner, `${api}/invites`, {});
        await post(person, `${api}/users`, { username: name, password, invite: code });
      }
      await person.go();
      await person.isInside();
      return person;
    });
  },
});

export { expect } from '@playwright/test';

async function post(person: Person, url: string, data: object): Promise<{ code?: string }> {
  const answer = await person.context.request.post(url, { data, headers: { Origin: new URL(url).origin } });
  if (!answer.ok()) throw new Error(`${url} answered ${answer.status()}: ${await answer.text()}`);
  return (await answer.json()) as { code?: string };
}
