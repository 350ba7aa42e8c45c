import { createContext } from 'svelte';
import type { App } from './app.svelte.ts';
import type { Client } from './client.svelte.ts';

/**
 * State is made once in main.ts and handed down by context. `useApp` works on every screen, `useClient`
 * only inside the signed-in part.
 */
export const [useApp, provideApp] = createContext<App>();
export const [useClient, provideClient] = createContext<Client>();
