import { existsSync } from 'node:fs';

/** The system's browser: nothing is downloaded. The flags keep it from asking the network for anything. */
export const chromium = {
  executablePath: process.env['MYNA_CHROMIUM'] ?? installed(),
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
};

function installed(): string {
  const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
  const found = places.find((place) => existsSync(place));
  if (found === undefined) throw new Error('Chromium is not installed; MYNA_CHROMIUM may name another browser');
  return found;
}
