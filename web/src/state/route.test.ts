import { beforeEach, describe, expect, it } from 'vitest';
import { makePage } from '../../test/dom.ts';
import { parsePath, pathOf, Router, type Route } from './route.svelte.ts';

const room = 'r_00t5g2w8k3mzq';

describe('paths', () => {
  it.each<[string, Route]>([
    ['', { name: 'home' }],
    ['login', { name: 'login' }],
    ['setup/abc', { name: 'setup', token: 'abc' }],
    ['invite/a%2Fb', { name: 'invite', code: 'a/b' }],
    ['reset/abc', { name: 'reset', token: 'abc' }],
    [`c/${room}`, { name: 'room', room, seq: 0 }],
    [`c/${room}/12`, { name: 'room', room, seq: 12 }],
    ['d/u_1', { name: 'direct', user: 'u_1' }],
    ['settings', { name: 'settings', page: '' }],
    ['settings/sessions', { name: 'settings', page: 'sessions' }],
  ])('%s', (path, route) => {
    expect(parsePath(path)).toEqual(route);
    expect(pathOf(route)).toBe(path);
  });

  it.each<[string, string, string, Route]>([
    ['setup', '?token=abc', '', { name: 'setup', token: 'abc' }],
    ['setup', '', '#abc', { name: 'setup', token: 'abc' }],
    ['browse/', '', '', { name: 'browse' }],
    ['c', '', '', { name: 'lost' }],
    [`c/${room}/x`, '', '', { name: 'lost' }],
    ['c/a/b/c', '', '', { name: 'lost' }],
    ['nowhere', '', '', { name: 'lost' }],
    ['invite/%E0%A4%A', '', '', { name: 'invite', code: '%E0%A4%A' }],
  ])('%s%s%s', (path, search, hash, route) => {
    expect(parsePath(path, search, hash)).toEqual(route);
  });
});

describe('Router', () => {
  beforeEach(() => {
    makePage(`/c/${room}/7`);
  });

  it('reads the address and writes it', () => {
    const router = new Router();
    expect(router.route).toEqual({ name: 'room', room, seq: 7 });
    const before = router.visit;
    router.go({ name: 'browse' });
    expect(location.pathname).toBe('/browse');
    expect(router.visit).toBe(before + 1);
    expect(router.link({ name: 'room', room, seq: 3 })).toBe(`http://myna.test/c/${room}/3`);
  });
});
