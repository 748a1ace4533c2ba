/** Which sandbox a person means by a word. */
import { expect, test } from 'vitest';
import { findSandbox, findSimilar, type Named } from '../../src/core/find-sandbox.ts';

function sandbox(namespace: string, name: string, id: string, facts: Partial<Named> = {}): Named {
  return { namespace, name, id: id.padEnd(64, '0'), state: 'ready', createdAtMs: 0, ...facts };
}

const web = sandbox('shop', 'web', 'aa1');
const elsewhere = sandbox('test', 'web', 'aa2');
const cafe = sandbox('shop', 'cafe', 'bb1');
const other = sandbox('shop', 'other', 'cafe1');
const old = sandbox('shop', 'db', 'cc1', { state: 'notready', createdAtMs: 1 });
const recent = sandbox('shop', 'db', 'cc2', { createdAtMs: 2 });
const ended = [1, 2].map((n) => sandbox('shop', 'job', `dd${n}`, { state: 'notready', createdAtMs: n }));
const ALL = [web, elsewhere, cafe, other, old, recent, ...ended];

test.each([
  ['shop/web', [web]],
  ['web', [web, elsewhere]],
  ['cafe', [cafe]],
  ['cafe1', [other]],
  ['aa', [web, elsewhere]],
  [web.id, [web]],
  ['db', [recent]],
  ['shop/db', [recent]],
  ['cc1', [old]],
  ['job', ended],
  ['shop/nobody', []],
  ['/web', []],
  ['', []],
] as const)('"%s" means exactly what fits it', (word, expected) => {
  expect(findSandbox(word, ALL)).toEqual(expected);
});

test.each([
  ['shop/checkout', ['pay/checkout', 'shop/checkout-db']],
  ['check', ['shop/checkout-db', 'pay/checkout']],
  ['OUT', ['shop/checkout-db', 'pay/checkout']],
  ['shop/', ['shop/checkout-db', 'shop/search']],
  ['search-7d9c', ['shop/search']],
  ['', []],
  ['zzz', []],
])('Of pods that may have been meant by "%s" the likeliest come first', (word, expected) => {
  const pods = ['shop/checkout-db', 'pay/checkout', 'shop/search', 'pay/checkout'].map((it) => {
    const [namespace = '', name = ''] = it.split('/');
    return { namespace, name };
  });
  expect(findSimilar(word, pods).map(({ namespace, name }) => `${namespace}/${name}`)).toEqual(expected);
});
