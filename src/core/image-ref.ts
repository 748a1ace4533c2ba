/** Reads image references and the version of pause that a tag claims. */

/** An image reference taken apart. */
export interface ImageRef {
  /** As written. */
  readonly ref: string;
  /** Host of the registry, "docker.io" when the reference names none. */
  readonly registry: string;
  /** Path below the registry, "library/" added where Docker's short form leaves it out. */
  readonly repository: string;
  readonly tag: string | undefined;
  /** "sha256:…". */
  readonly digest: string | undefined;
  /** Numeric parts that the tag begins with ("3.10.1", "3.1" of "3.1-eksbuild.1"); undefined without any. */
  readonly version: string | undefined;
}

const VERSION_AT_START = /^v?(\d{1,9}(?:\.\d{1,9}){0,3})(?![\w.])/;

/**
 * Takes a reference apart the way container runtimes do: the part before the first slash is a registry when it has
 * a dot, a colon or is "localhost"; a tag follows the last colon of the last path segment.
 */
export function parseImageRef(ref: string): ImageRef {
  const [name, digest] = splitOnce(ref, '@');
  const slash = name.indexOf('/');
  const first = slash < 0 ? '' : name.slice(0, slash);
  const hasRegistry = first === 'localhost' || first.includes('.') || first.includes(':');
  const path = hasRegistry ? name.slice(slash + 1) : name;
  const colon = path.lastIndexOf(':');
  const hasTag = colon > path.lastIndexOf('/');
  const tag = hasTag ? path.slice(colon + 1) : undefined;
  const bare = hasTag ? path.slice(0, colon) : path;
  const registry = !hasRegistry || first === 'index.docker.io' ? 'docker.io' : first;
  const repository = registry === 'docker.io' && !bare.includes('/') ? `library/${bare}` : bare;
  return { ref, registry, repository, tag, digest, version: VERSION_AT_START.exec(tag ?? '')?.[1] };
}

/** Whether the reference itself names its registry, so that nobody has to guess it. */
export function isRegistryWritten({ ref, registry }: ImageRef): boolean {
  return ref.startsWith(`${registry}/`) || ref.startsWith('index.docker.io/');
}

/** Compares dotted numbers part by part; a missing part counts as 0. Never semver: vendors add parts of their own. */
export function compareVersions(left: string, right: string): number {
  const a = left.split('.').map(Number);
  const b = right.split('.').map(Number);
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Registry, repository and tag or digest in full: two spellings of one reference give one name. */
export function canonicalName(image: ImageRef): string {
  const suffix = image.digest !== undefined ? `@${image.digest}` : `:${image.tag ?? 'latest'}`;
  return `${image.registry}/${image.repository}${suffix}`;
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}
