/** Reads XML as strictly as a pipeline would, as far as JUnit reports need it: elements, attributes, text. */

/** One element. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: XmlElement[];
  text: string;
}

/** Everything XML 1.0 lets a document hold (production 2 of the recommendation). */
const LEGAL = /^[\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u;
const TOKEN = /<\?xml [^?]*\?>|<(\/?)([A-Za-z][\w-]*)((?: [\w-]+="[^"<]*")*)(\/?)>|([^<]+)/gy;

/** Reads a document; throws at anything that is not well-formed. */
export function readXml(text: string): XmlElement {
  if (!LEGAL.test(text)) throw new Error('a character that XML does not allow');
  const root: XmlElement = { name: '', attributes: {}, children: [], text: '' };
  const open = [root];
  let end = 0;
  for (const [token, slash, name, pairs = '', empty, words] of text.matchAll(TOKEN)) {
    end += token.length;
    const parent = open.at(-1);
    if (parent === undefined) throw new Error('an end without a begin');
    if (words !== undefined) parent.text += decode(words);
    else if (slash === '/') {
      if (open.pop()?.name !== name) throw new Error(`</${name}> closes something else`);
    } else if (name !== undefined) {
      const element: XmlElement = { name, attributes: readAttributes(pairs), children: [], text: '' };
      parent.children.push(element);
      if (empty !== '/') open.push(element);
    }
  }
  const [first, second] = root.children;
  if (end !== text.length) throw new Error(`not XML: ${text.slice(end, end + 60)}`);
  if (open.length !== 1 || first === undefined || second !== undefined) throw new Error('not one whole element');
  return first;
}

function readAttributes(pairs: string): Record<string, string> {
  const attributes: Record<string, string> = {};
  for (const [, name = '', value = ''] of pairs.matchAll(/ ([\w-]+)="([^"]*)"/g)) {
    if (Object.hasOwn(attributes, name)) throw new Error(`${name} twice`);
    attributes[name] = decode(value);
  }
  return attributes;
}

function decode(text: string): string {
  if (/&(?!#\d+;)/.test(text)) throw new Error(`a bare ampersand in ${text}`);
  return text.replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)));
}
