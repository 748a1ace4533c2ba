/** The help: everything there is, in lines a terminal can show. */
import { describe, expect, test } from 'vitest';
import { renderHelp } from '../../src/config/help.ts';
import { COMMANDS, environmentName, OPTIONS, type Option, SWITCHES, type Switch } from '../../src/config/options.ts';

/** The help as running text, to look for sentences that are wrapped. */
const flat = (text: string): string => text.replaceAll(/\s+/g, ' ');

describe.each(COMMANDS)('the help of %s', (command) => {
  const text = renderHelp(command);

  test('tells every flag of the command with its value, default, environment variable and meaning, and no other', () => {
    for (const it of Object.values<Option<unknown>>(OPTIONS)) {
      const shown = text.includes(`--${it.flag} ${it.value}`);
      expect(shown, it.flag).toBe(it.commands.includes(command));
      if (!shown) continue;
      expect(flat(text)).toContain(it.help);
      expect(flat(text)).toContain(environmentName(it.flag));
      for (const name of it.env ?? []) expect(flat(text)).toContain(name);
      const fallback = it.fallback ?? it.fallbackNote;
      if (fallback !== undefined) expect(flat(text)).toContain(`Default: ${fallback}.`);
      if (it.short !== undefined) expect(text).toContain(`-${it.short}, --${it.flag}`);
    }
    for (const it of Object.values<Switch>(SWITCHES)) {
      const shown = new RegExp(`--${it.flag}$`, 'm').test(text);
      expect(shown, it.flag).toBe(it.commands.includes(command));
      if (!shown) continue;
      expect(flat(text)).toContain(it.help);
      expect(flat(text).includes(`${environmentName(it.flag)}.`)).toBe(it.question !== true);
    }
  });

  test('tells the exit codes', () => {
    expect(text).toMatch(/^Exit code: 0 .*64/ms);
  });
});

describe.each([undefined, ...COMMANDS])('the help (%s)', (command) => {
  const text = renderHelp(command);

  test('fits a terminal of 80 columns, ends its last line, and has no trailing blanks', () => {
    const lines = text.split('\n');
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
    expect(lines.filter((line) => /\s$/.test(line))).toEqual([]);
    expect(lines.at(-1)).toBe('');
  });

  test('begins with what the program is and how it is called', () => {
    expect(text).toMatch(/^pausewatch .*\n\nUsage: pausewatch /);
  });
});

test('the help of the program names every command', () => {
  for (const command of COMMANDS) expect(renderHelp(undefined)).toMatch(new RegExp(`^  ${command} `, 'm'));
});

test('the help of record says what redaction hashes, keeps and drops', () => {
  const text = flat(renderHelp('record'));
  for (const word of [
    '--redact',
    'namespaces, pods, containers',
    'UIDs',
    'Kept are',
    'pause images',
    'random key',
    'environments',
  ])
    expect(text).toContain(word);
});

test('the help of serve names every path that --web.details is about', () => {
  const [, about = ''] = /--web\.details (.*?) Default:/.exec(flat(renderHelp('serve'))) ?? [];
  for (const path of ['/', '/pods', '/sandboxes', '/findings']) expect(about.split(/[ ,.]+/)).toContain(path);
});

test('the help of replay shows its words', () => {
  expect(renderHelp('replay')).toContain('Usage: pausewatch replay <file> [scan|serve|inspect <pod>] [flags]');
});
