/** What the terminal output promises: it fits, it is worst first, and untrusted text cannot control the terminal. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { narrowToNamespaces } from '../../src/publish/pods/narrow.ts';
import { renderLine, renderTable } from '../../src/publish/terminal/table.ts';
import { shortenEnd, shortenMiddle, textWidth, visible } from '../../src/publish/text/clean-text.ts';
import { wrapText } from '../../src/publish/text/wrap.ts';
import { BUSY_NODE } from './busy-node.ts';
import { ENDPOINT, finding, report, sandboxId, sandboxView } from './report-builder.ts';

const PLAIN = { columns: 80, colour: false, all: false };

describe('the table', () => {
  test('at 80 columns is exactly the golden one', async () => {
    await expect(renderTable(BUSY_NODE, PLAIN)).toMatchFileSnapshot('golden/busy-node.80.txt');
  });

  test('at 140 columns with every pod is exactly the golden one', async () => {
    await expect(renderTable(BUSY_NODE, { ...PLAIN, columns: 140, all: true })).toMatchFileSnapshot(
      'golden/busy-node.140-all.txt',
    );
  });

  test('of a node without findings is three lines', () => {
    const sandboxes = ['a', 'b'].map((name) => sandboxView('default', name));
    expect(renderTable(report({ sandboxes }), PLAIN)).toBe(
      'worker-7 · containerd 1.6.20 · 2026-11-23 04:54:12 UTC\n\n2 of 2 pods fine\n',
    );
  });

  test('of a node without a runtime says what it could not see', () => {
    const blind = report({
      runtimes: [],
      sources: [{ source: 'runtime', endpoint: undefined, up: false, answeredAtMs: undefined, faults: [] }],
    });
    expect(renderTable(blind, PLAIN)).toContain('no runtime');
    expect(renderTable(blind, PLAIN)).toContain('could not see: runtime: no answer');
  });

  test('calls a pod fine only when it was judged', () => {
    const once = sandboxView('default', 'a', { unjudged: ['one-look'], zombies: { count: undefined, items: [] } });
    expect(renderTable(report({ sandboxes: [once] }), PLAIN)).toContain('0 of 1 pods fine, 1 not judged');
  });

  test('never has a line wider than the terminal, whatever things are called', () => {
    const name = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 120 }),
      fc.string({ unit: 'grapheme', maxLength: 120 }),
    );
    const property = fc.property(
      name,
      name,
      name,
      fc.integer({ min: 20, max: 160 }),
      fc.boolean(),
      (namespace, pod, comm, columns, all) => {
        const subject = { kind: 'process', namespace, pod, container: comm } as const;
        const evidence = { zombies: 2, names: [comm], parentComm: comm, parentPid: 7 };
        const sick = sandboxView(namespace, pod, {
          findings: [finding('zombies-app-parent', 'warning', subject, { evidence })],
        });
        const text = renderTable(report({ node: comm, sandboxes: [sick, sandboxView(pod, namespace)] }), {
          ...PLAIN,
          columns,
          all,
        });
        for (const line of text.trimEnd().split('\n')) expect(textWidth(line)).toBeLessThanOrEqual(columns);
        expect(visible(text.replaceAll('\n', ''))).toBe(text.replaceAll('\n', ''));
      },
    );
    fc.assert(property, { numRuns: 80 });
  });

  test('has colours only when told, and then of its own only', () => {
    expect(renderTable(BUSY_NODE, PLAIN)).not.toContain('\u001b');
    const coloured = renderTable(BUSY_NODE, { ...PLAIN, colour: true });
    const own = ['0', '1', '2', '32', '33', '36', '1;31'].map((code) => `\u001b[${code}m`);
    expect(own.reduce((text, code) => text.replaceAll(code, ''), coloured)).toBe(renderTable(BUSY_NODE, PLAIN));
  });

  test('at 40 columns is exactly the golden one', async () => {
    await expect(renderTable(BUSY_NODE, { ...PLAIN, columns: 40 })).toMatchFileSnapshot('golden/busy-node.40.txt');
  });

  test('hides milder findings when told, and never counts what it hides as fine', () => {
    const text = renderTable(BUSY_NODE, { ...PLAIN, severity: 'critical', all: true });
    expect(text).not.toMatch(/^(warning|info) /m);
    expect(text).toContain('3 of 8 pods fine, 1 not judged; findings: 2 critical; not shown: 2');
    expect(text).toMatch(/^shop\/mailer-0 .* 14 {2}pause:3\.9$/m);
  });

  test('of some namespaces shows and counts their pods only', () => {
    const text = renderTable(narrowToNamespaces(BUSY_NODE, ['shop', 'nowhere']), { ...PLAIN, all: true });
    expect(text).toContain('0 of 2 pods fine; findings: 1 critical, 1 warning\n');
    expect(text).not.toMatch(/^(image|batch|monitoring|kube-system)/m);
  });

  test('says of a pod with two sandboxes which of them a finding is about, by id and attempt', () => {
    const [older, newer] = [0, 1].map((attempt) => {
      const id = sandboxId(`a${attempt}`);
      const subject = { kind: 'sandbox', namespace: 'shop', pod: 'web', sandboxId: id } as const;
      return sandboxView('shop', 'web', { id, attempt, findings: [finding('pause-stopped', 'critical', subject)] });
    });
    if (older === undefined || newer === undefined) throw new Error('two sandboxes');
    const both = renderTable(report({ sandboxes: [older, newer] }), { ...PLAIN, columns: 100 });
    expect(both).toContain('sandbox a000000000000 (attempt 0, ready)');
    expect(both).toContain('sandbox a100000000000 (attempt 1, ready)');
    expect(renderTable(report({ sandboxes: [newer] }), PLAIN)).not.toContain('attempt');
  });

  test('tells a person why a source is blind, in its own words, each once and not too long', () => {
    const fault = (message: string, count = 1) =>
      ({ source: 'runtime', endpoint: ENDPOINT, code: 'silent', subject: 'Version', message, count }) as const;
    const many = Array.from({ length: 9 }, (_, i) => fault(`Call ${i}: ${'no answer '.repeat(90)}`));
    const faults = [
      fault('Version: nobody listens; start the runtime.', 3),
      fault('Version: nobody listens; start the runtime.', 3),
      ...many,
    ];
    const blind = report({
      sources: [{ source: 'runtime', endpoint: ENDPOINT, up: false, answeredAtMs: undefined, faults }],
    });
    const lines = renderTable(blind, PLAIN).split('\n');
    const at = lines.indexOf('could not see: runtime: no answer, 15 silent');
    expect(lines[at + 1]).toBe('  Version: nobody listens; start the runtime. (3 alike)');
    expect(lines.at(-2)).toBe('  and 5 more');
    expect(lines.slice(at)).toHaveLength(1 + 1 + 4 * 4 + 1 + 1);
  });

  test('says once what every call was told, and not at all what the finding says already', () => {
    const faults = ['Version', 'Status', 'ListImages'].map((call) => {
      const message = `${call} at ${ENDPOINT}: nobody listens on the socket; the runtime is not running.`;
      return { source: 'runtime', endpoint: ENDPOINT, code: 'silent', subject: call, message, count: 1 } as const;
    });
    const sources = [{ source: 'runtime', endpoint: ENDPOINT, up: false, answeredAtMs: undefined, faults } as const];
    const text = renderTable(report({ sources }), PLAIN).replaceAll(/\s+/g, ' ');
    expect(text.match(/nobody listens/g)).toHaveLength(1);
    expect(text).toContain('(3 calls alike)');
    const evidence = { lastAnswer: null, problem: faults[0]?.message ?? '' };
    const unreachable = finding('runtime-unreachable', 'critical', { kind: 'node' }, { evidence });
    const explain = () => ({ summary: `No answer. ${faults[0]?.message}`, remedy: 'Start it.' });
    const told = renderTable(report({ sources }, [unreachable]), { ...PLAIN, explain }).replaceAll(/\s+/g, ' ');
    expect(told.match(/nobody listens/g)).toHaveLength(1);
    expect(told).not.toContain('alike');
  });

  test('calls a finding new in the room there is', () => {
    const subject = { kind: 'sandbox', namespace: 'a', pod: 'b', container: 'c'.repeat(19) } as const;
    const sick = finding('pause-dead-containers-running', 'critical', subject, { confirmed: false });
    const lines = (columns: number) =>
      renderTable(report({ sandboxes: [sandboxView('a', 'b', { findings: [sick] })] }), { ...PLAIN, columns });
    expect(lines(80)).toMatch(/ · new$/m);
    expect(lines(110)).toMatch(/ · new, not yet confirmed$/m);
  });

  test('counts the pods that are fine but for their image', () => {
    const old = finding('pause-image-too-old', 'warning', { kind: 'image', image: 'registry.k8s.io/pause:3.0' });
    const pods = ['a', 'b', 'c'].map((name, at) => sandboxView('x', name, { findings: at === 2 ? [] : [old] }));
    expect(renderTable(report({ sandboxes: pods }), PLAIN)).toContain(
      '3 of 3 pods fine (2 of them on an image to replace); findings: 1 warning\n',
    );
  });

  test('in ASCII has no other character', () => {
    expect(renderTable(BUSY_NODE, { ...PLAIN, ascii: true, all: true })).toMatch(/^[\n -~]*$/);
  });
});

describe('the line', () => {
  test('names the node and what counts', () => {
    expect(renderLine(BUSY_NODE)).toBe('worker-7: 2 critical, 2 warning, 1 info, 3/8 pods fine, 1 not judged\n');
  });

  test('counts only what is asked for', () => {
    expect(renderLine(BUSY_NODE, 'critical')).toBe('worker-7: 2 critical, 3/8 pods fine, 1 not judged, 231 zombies\n');
    const calm = report({ sandboxes: [sandboxView('default', 'a')] });
    expect(renderLine(calm, 'warning')).toBe('worker-7: nothing of warning or worse, 1/1 pods fine\n');
  });

  test('never exceeds 80 columns', () => {
    const long = { ...BUSY_NODE, node: `ip-10-0-0-1.${'very-'.repeat(30)}long.example` };
    expect(textWidth(renderLine(long).trimEnd())).toBeLessThanOrEqual(80);
    expect(renderLine(long)).toContain('2 critical');
  });
});

describe('text', () => {
  test('loses none of its letters when wrapped', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), fc.integer({ min: 1, max: 40 }), (text, width) => {
        const clean = visible(text);
        expect(wrapText(clean, width).join('').replaceAll(' ', '')).toBe(clean.replaceAll(' ', ''));
      }),
    );
  });

  test('is cut in the middle or at the end to the width asked for', () => {
    expect(shortenMiddle('nightly-report-28391040-vvk4t', 16, '…')).toBe('nightly-re…vvk4t');
    expect(shortenEnd('pause:3.10.1-eksbuild', 10, '…')).toBe('pause:3.1…');
    expect(shortenMiddle('短い名前です', 7, '…')).toBe('短い…す');
  });
});
