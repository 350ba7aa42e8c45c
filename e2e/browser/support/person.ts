import { type BrowserContext, expect, type Locator, type Page } from '@playwright/test';
import { en, type Catalog } from '../../../web/src/i18n/en.ts';
import { zhCN } from '../../../web/src/i18n/zh-CN.ts';
import type { Server } from './server.ts';

export type Locale = 'en' | 'zh-CN';

/** The texts of each language, from the client's own catalogues. */
export const catalogs: Readonly<Record<Locale, Catalog>> = { en, 'zh-CN': zhCN };

/** Long enough for the rules, and on no list. */
export const password = 'correct horse battery staple';

/** Somebody at a browser: a page, and what is written on its controls in their language. */
export class Person {
  readonly page: Page;
  readonly t: Catalog;
  readonly server: Server;
  readonly name: string;

  constructor(page: Page, server: Server, name: string, locale: Locale = 'en') {
    this.page = page;
    this.server = server;
    this.name = name;
    this.t = catalogs[locale];
  }

  get context(): BrowserContext {
    return this.page.context();
  }

  /** Goes to a path of the client, without a leading slash. */
  async go(path = ''): Promise<void> {
    await this.page.goto(`${this.server.url}/${path}`);
  }

  button(name: string): Locator {
    return this.page.getByRole('button', { name, exact: true });
  }

  field(label: string): Locator {
    return this.page.getByLabel(label, { exact: true });
  }

  get log(): Locator {
    return this.page.getByRole('log');
  }

  /** The message with this text. */
  message(text: string): Locator {
    return this.log.getByRole('article').filter({ hasText: text });
  }

  /** The message with this text while no server has acknowledged it. */
  pending(text: string): Locator {
    return this.message(text).getByRole('img', { name: this.t.log.sending });
  }

  /** The box one writes in. */
  get composer(): Locator {
    return this.page.locator('#composer');
  }

  /** The dialog that is open. */
  get dialog(): Locator {
    return this.page.getByRole('dialog');
  }

  get sidebar(): Locator {
    return this.page.getByRole('navigation', { name: this.t.shell.sidebar });
  }

  /** The line of a room in the sidebar. */
  room(name: string): Locator {
    return this.sidebar.locator('a.line').filter({ has: this.page.getByText(name, { exact: true }) });
  }

  /** Makes the owner on the setup screen. */
  async setUp(serverName: string): Promise<void> {
    await this.page.goto(await this.server.setupLink());
    await this.field(this.t.sign.serverName).fill(serverName);
    await this.account();
    await this.button(this.t.sign.create).click();
    await this.isInside();
  }

  /** Makes an account on the invite screen. */
  async accept(link: string): Promise<void> {
    await this.page.goto(link);
    await this.account();
    await this.button(this.t.sign.signUp).click();
    await this.isInside();
  }

  async signIn(): Promise<void> {
    await this.go('login');
    await this.field(this.t.sign.username).fill(this.name);
    await this.field(this.t.sign.password).fill(password);
    await this.button(this.t.sign.signIn).click();
    await this.isInside();
  }

  /** Opens the menu behind the server's name and picks from it. */
  async menu(item: string): Promise<void> {
    await this.page.locator('button.server').click();
    await this.page.getByRole('menuitem', { name: item }).click();
  }

  /** Makes an invite link by the menu. */
  async inviteLink(): Promise<string> {
    await this.menu(this.t.shell.invite);
    await this.dialog.getByRole('button', { name: this.t.people.makeLink }).click();
    const link = await this.dialog.getByLabel(this.t.people.link, { exact: true }).inputValue();
    await this.dialog.getByRole('button', { name: this.t.common.done }).click();
    return link;
  }

  async account(): Promise<void> {
    await this.field(this.t.sign.username).fill(this.name);
    await this.field(this.t.sign.password).fill(password);
  }

  async isInside(): Promise<void> {
    await expect(this.log).toBeVisible();
  }

  async say(text: string): Promise<void> {
    await this.composer.fill(text);
    await this.composer.press('Enter');
  }

  async sees(text: string): Promise<void> {
    await expect(this.message(text)).toHaveCount(1);
    await expect(this.message(text)).toBeInViewport();
  }

  /** Says something and waits until the server has it. */
  async says(text: string): Promise<void> {
    await this.say(text);
    await this.sees(text);
    await expect(this.pending(text)).toHaveCount(0);
  }

  /** What was said in each message that is shown, oldest first. */
  get bodies(): Locator {
    return this.log.getByRole('article').locator('.body');
  }

  texts(): Promise<string[]> {
    return this.bodies.allInnerTexts();
  }

  /** Has the network cut, or given back. Chromium keeps open sockets; the client closes its own. */
  async online(yes: boolean): Promise<void> {
    await this.context.setOffline(!yes);
  }
}
