/** Debian's Chromium, unpacked into the lab's cache with all it stands on, and driven through its debugging port. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { libraryTriplet, unpackPackages } from '../lab/debian-packages.ts';

/** Nothing in it looks for a screen, a sandbox that root cannot have, or the internet. */
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
] as const;

const PACKAGES = ['chromium', 'fonts-dejavu-core'] as const;

/** Starts a browser with a profile of its own, which goes with it; the caller closes it. */
export async function startBrowser(): Promise<Browser> {
  const root = await unpackPackages({ names: PACKAGES, withDependencies: true }, () => undefined);
  return chromium.launch({
    executablePath: join(root, 'usr/lib/chromium/chromium'),
    args: [...FLAGS],
    env: { ...process.env, ...libraryEnvironment(root) },
  });
}

/** The libraries and fonts are the unpacked ones; the C library is the host's, as its loader is. */
function libraryEnvironment(root: string): Record<string, string> {
  const triplet = libraryTriplet('gnu');
  const own = join(root, 'usr/lib', triplet);
  const libraries = [own, join(own, 'pulseaudio'), join(root, 'lib', triplet), join(root, 'usr/lib/chromium')];
  const fonts = join(root, 'fonts.conf');
  if (!existsSync(fonts)) {
    mkdirSync(join(root, 'fonts-cache'), { recursive: true });
    const directories = `<dir>${join(root, 'usr/share/fonts')}</dir><cachedir>${join(root, 'fonts-cache')}</cachedir>`;
    writeFileSync(fonts, `<?xml version="1.0"?><fontconfig>${directories}</fontconfig>\n`);
  }
  return { LD_LIBRARY_PATH: libraries.join(':'), FONTCONFIG_FILE: fonts };
}
