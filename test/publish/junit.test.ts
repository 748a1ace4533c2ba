/** `scan -o junit`: what pipelines show for each pod, and that no name of a node can break their parsers. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { explain } from '../../src/core/words/explain.ts';
import { type JunitOptions, renderJunit } from '../../src/publish/terminal/junit.ts';
import { BUSY_NODE } from './busy-node.ts';
import { finding, report, sandboxView } from './report-builder.ts';
import { readXml, type XmlElement } from './xml-reader.ts';

const OPTIONS: JunitOptions = {
  failOn: 'warning',
  severity: 'info',
  explain,
  podsOnly: false,
  couldNotLook: undefined,
};

/** Elements and attributes of Jenkins' junit-10.xsd; with * required, children in this order. */
const SHAPE: Readonly<Record<string, { readonly attributes: string; readonly children: string }>> = {
  testsuites: { attributes: 'name time tests failures errors disabled', children: 'testsuite' },
  testsuite: {
    attributes: 'name* tests* failures errors time disabled skipped timestamp hostname id package',
    children: 'properties testcase system-out system-err',
  },
  testcase: {
    attributes: 'name* classname* assertions time status',
    children: 'skipped error failure system-out system-err',
  },
  failure: { attributes: 'type message', children: '' },
  error: { attributes: 'type message', children: '' },
  skipped: { attributes: 'type message', children: '' },
  'system-out': { attributes: '', children: '' },
};

/** Everything in which an element is not as the schema wants it. */
function violations(element: XmlElement): string[] {
  const shape = SHAPE[element.name];
  if (shape === undefined) return [`unknown element ${element.name}`];
  const allowed = new Set(shape.attributes.split(' ').map((it) => it.replace('*', '')));
  const required = shape.attributes.split(' ').filter((it) => it.endsWith('*'));
  const order = shape.children.split(' ');
  const places = element.children.map(({ name }) => order.indexOf(name));
  return [
    ...Object.keys(element.attributes).filter((it) => !allowed.has(it)),
    ...required.filter((it) => element.attributes[it.replace('*', '')] === undefined),
    ...(places.some((place, i) => place < 0 || place < (places[i - 1] ?? 0)) ? [`order in ${element.name}`] : []),
    ...element.children.flatMap(violations),
  ];
}

function suiteOf(xml: string): XmlElement {
  const [suite] = readXml(xml).children;
  if (suite === undefined) throw new Error('no suite');
  return suite;
}

function outcomes(xml: string): Record<string, string> {
  const cases = suiteOf(xml).children.map(({ attributes, children }) => {
    const verdict = children.find(({ name }) => name !== 'system-out');
    const output = children.some(({ name }) => name === 'system-out') ? ' with output' : '';
    return [`${attributes['classname']} ${attributes['name']}`, (verdict?.name ?? 'passed') + output];
  });
  return Object.fromEntries(cases) as Record<string, string>;
}

describe('the JUnit report', () => {
  test('has one case per pod that runs, one for the node and one per image, with what befell them', () => {
    expect(outcomes(renderJunit(BUSY_NODE, OPTIONS))).toEqual({
      'node node': 'skipped',
      'node image k8s.gcr.io/pause:3.0': 'failure',
      'batch nightly-report-aggregation-worker-28391040-vvk4t': 'passed with output',
      'default debug': 'skipped',
      'kube-system calico-node-jd9zz': 'passed',
      'kube-system coredns-5d78c9869d-lq7wd': 'passed',
      'kube-system kube-proxy-2xw8p': 'passed',
      'monitoring node-exporter-8r4ct': 'failure',
      'shop checkout-7d9c6b5f4-x2x9q': 'failure',
      'shop mailer-0': 'failure',
    });
  });

  test('fails what is at or above the bar only, and nothing when told so', () => {
    const failed = (failOn: JunitOptions['failOn']) =>
      Object.values(outcomes(renderJunit(BUSY_NODE, { ...OPTIONS, failOn }))).filter((it) => it.startsWith('failure'))
        .length;
    expect([failed('critical'), failed('warning'), failed('info'), failed('never')]).toEqual([2, 4, 5, 0]);
  });

  test('names the worst finding first and tells all of them with what to do', () => {
    const subject = { kind: 'sandbox', namespace: 'shop', pod: 'web' } as const;
    const findings = [finding('pause-stopped', 'critical', subject), finding('zombies-app-parent', 'warning', subject)];
    const [, web] = suiteOf(
      renderJunit(report({ sandboxes: [sandboxView('shop', 'web', { findings })] }), OPTIONS),
    ).children;
    const failure = web?.children[0];
    expect(failure?.attributes['type']).toBe('pause-stopped');
    expect(failure?.attributes['message']).toMatch(/^pause-stopped: .* \(and 1 more\)$/);
    expect(failure?.text).toMatch(/^critical pause-stopped\n.+\n-> .+\n\nwarning zombies-app-parent\n.+\n-> .+$/);
  });

  test('is an error, not a pass, when nobody could look', () => {
    const xml = renderJunit(report(), { ...OPTIONS, couldNotLook: 'no container runtime answered' });
    expect(outcomes(xml)).toEqual({ 'node node': 'error' });
    expect(suiteOf(xml).attributes).toMatchObject({ tests: '1', errors: '1', failures: '0', skipped: '0' });
  });

  test('has the shape of the schema and true counts, whatever things are called', () => {
    const name = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.constantFrom(']]>', '<a b="c">&amp;', '\u0000\u001b[2J', '\ufffe\uffff\ud800', ''),
    );
    const property = fc.property(name, name, name, (namespace, pod, comm) => {
      const subject = { kind: 'process', namespace, pod, container: comm } as const;
      const evidence = { zombies: 2, names: [comm], parentComm: comm, parentPid: 7 };
      const findings = [finding('zombies-app-parent', 'warning', subject, { evidence })];
      const sick = sandboxView(namespace, pod, { findings });
      const fine = sandboxView('default', 'fine');
      const xml = renderJunit(report({ node: comm, sandboxes: [sick, fine] }), OPTIONS);
      expect(violations(readXml(xml))).toEqual([]);
      const { attributes, children } = suiteOf(xml);
      expect(attributes).toMatchObject({ tests: String(children.length), failures: '1', errors: '0', skipped: '0' });
      expect(children.filter(({ children: inner }) => inner.some((it) => it.name === 'failure'))).toHaveLength(1);
    });
    fc.assert(property, { numRuns: 200 });
  });

  test('a reader that accepts anything would prove nothing: it refuses what is broken', () => {
    for (const broken of [
      '<a>',
      '<a></b>',
      '<a b="c" b="d"/>',
      '<a>&</a>',
      '<a>\u0001</a>',
      '<a/><b/>',
      '<a b="<"/>',
      '<a/>x<',
    ]) {
      expect(() => readXml(broken), broken).toThrow(/./);
    }
    expect(violations(readXml('<testsuites><testcase name="x"/></testsuites>'))).toEqual([
      'order in testsuites',
      'classname*',
    ]);
  });
});
