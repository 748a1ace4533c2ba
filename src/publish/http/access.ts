/** Decides who may read details (everything that names processes): `--web.details`, and the Host header. */
import { isIP } from 'node:net';

/** `--web.details`. */
type DetailsMode = 'auto' | 'all' | 'loopback' | 'off';

/** What the decision rests on. */
export interface AccessPolicy {
  readonly details: DetailsMode;
  /** The listener can be reached from this machine alone. */
  readonly loopbackOnly: boolean;
  readonly nodeName: string;
  /** `--web.external-url`. */
  readonly externalUrl: string | undefined;
}

/** Who asks. */
export interface Peer {
  readonly address: string | undefined;
  readonly host: string | undefined;
  /** A proxy says that it speaks for somebody else (Forwarded, X-Forwarded-For, Via). */
  readonly forwarded: boolean;
}

/** One line that says why not and what to do; undefined when the peer may read details. */
export function refuseDetails(policy: AccessPolicy, peer: Peer): string | undefined {
  const { details } = policy;
  if (details === 'off') return 'Details are switched off here (--web.details=off).';
  const open = details === 'all' || (details === 'auto' && policy.loopbackOnly);
  if (!open && !isLoopbackPeer(peer)) {
    return (
      `Details are shown to loopback peers only (--web.details=${details}). Reach them with: ` +
      'kubectl port-forward POD LOCAL_PORT:PORT, then http://localhost:LOCAL_PORT/; or open them with --web.details=all.'
    );
  }
  // A web page that points its own name at 127.0.0.1 can make a browser ask in its place; the Host header gives it away.
  // It cannot ask by an IP address, nor by a name that is ours. Where everybody may read, there is nothing to guard.
  if (details === 'all' || isOwnHost(policy, peer.host)) return undefined;
  return 'This Host name is not known here. Ask by IP address, localhost or the name of the node, or set --web.external-url.';
}

/** True for addresses of this machine's loopback, also when IPv6 carries IPv4. */
export function isLoopbackAddress(address: string): boolean {
  const plain = address.replace(/^::ffff:/i, '');
  return plain === '::1' || (isIP(plain) === 4 && plain.startsWith('127.'));
}

function isLoopbackPeer({ address, forwarded }: Peer): boolean {
  return address !== undefined && !forwarded && isLoopbackAddress(address);
}

function isOwnHost(policy: AccessPolicy, header: string | undefined): boolean {
  // Only HTTP/1.0 clients leave it out, and no browser is one.
  if (header === undefined) return true;
  const host = hostName(header);
  if (isIP(host) !== 0) return true;
  const own = ['localhost', policy.nodeName.toLowerCase(), externalHost(policy.externalUrl)];
  return host !== '' && (own.includes(host) || host.endsWith('.localhost'));
}

/** The host of "Host:" without port, brackets and final dot. */
function hostName(header: string): string {
  const bracketed = /^\[([^\]]*)\](?::\d*)?$/.exec(header)?.[1];
  return bracketed ?? header.replace(/:\d*$/, '').replace(/\.$/, '').toLowerCase();
}

function externalHost(url: string | undefined): string | undefined {
  return url !== undefined && URL.canParse(url) ? hostName(new URL(url).host) : undefined;
}
