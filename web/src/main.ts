import { mount } from 'svelte';
import AppView from './App.svelte';
import { App } from './state/app.svelte.ts';
import { installWorker } from './worker.ts';

const target = document.querySelector('#app');
if (target === null) throw new Error('the page has no place for the client');

const app = new App();
mount(AppView, { target, props: { app } });
void app.start();
if (import.meta.env.PROD) installWorker();
