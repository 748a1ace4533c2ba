/** What a closer look at one pod finds in /proc, on request and without entering the pod: plain data. */
import type { FaultCode, Known } from './model.ts';

/** What may be asked for beyond the process tree. */
export const LOOK_ASPECTS = ['network', 'mounts'] as const;
export type LookAspect = (typeof LOOK_ASPECTS)[number];

/** Address and port of one end of a socket. */
export interface SocketEnd {
  /** "10.88.0.5", "::1"; a mapped IPv4 address as "::ffff:10.88.0.5". */
  readonly address: string;
  /** 0 to 65535; 0 where the end has none. */
  readonly port: number;
}

/** One line of /proc/PID/net/{tcp,tcp6,udp,udp6} (proc_pid_net(5)). */
export interface SocketFacts {
  readonly protocol: 'tcp' | 'tcp6' | 'udp' | 'udp6';
  readonly local: SocketEnd;
  readonly remote: SocketEnd;
  /** LISTEN, ESTABLISHED, TIME_WAIT…; of UDP UNCONNECTED or ESTABLISHED. */
  readonly state: string;
  readonly uid: number;
  /** 0 for a socket that no process holds any more. */
  readonly inode: number;
}

/** A socket and the processes of the pod that hold it. */
export interface OwnedSocket extends SocketFacts {
  /** Host PIDs; empty when no process of this pod holds it, or none whose descriptors could be read. */
  readonly owners: readonly number[];
}

/** One network interface (/proc/PID/net/dev) and its addresses. */
export interface InterfaceFacts {
  readonly name: string;
  readonly rxBytes: number;
  readonly rxDropped: number;
  readonly txBytes: number;
  readonly txDropped: number;
  /** With their prefix lengths where known: "10.88.0.5", "fe80::1/64". */
  readonly addresses: readonly string[];
}

/** One IPv4 route (/proc/PID/net/route). */
export interface RouteFacts {
  /** "10.88.0.0/16"; "default". */
  readonly destination: string;
  /** Undefined for what is on the link. */
  readonly gateway: string | undefined;
  readonly interface: string;
}

/** What is in a network namespace. */
export interface NetworkLook {
  /** Those of this pod first, listening ones before others. */
  readonly sockets: readonly OwnedSocket[];
  readonly omittedSockets: number;
  /** Paths of unix sockets somebody listens on; abstract ones begin with "@". */
  readonly unixListeners: readonly string[];
  readonly interfaces: readonly InterfaceFacts[];
  readonly routes: readonly RouteFacts[];
  /** Processes whose descriptors could not be read, by reason: what they hold has no owner here. */
  readonly ownersUnknown: Readonly<Partial<Record<FaultCode, number>>>;
  /** Not every descriptor was looked at. */
  readonly ownersCut: boolean;
  /** Files that could not be read. */
  readonly unread: readonly { readonly file: string; readonly reason: FaultCode }[];
}

/** One mount (proc_pid_mountinfo(5)). */
export interface MountFacts {
  readonly id: number;
  readonly parentId: number;
  /** Root of the mount within its file system. */
  readonly root: string;
  readonly point: string;
  readonly type: string;
  readonly source: string;
  readonly readOnly: boolean;
  readonly options: string;
}

/** The mounts that one container (or pause) sees. */
export interface MountsLook {
  /** Name of the container; undefined for pause. */
  readonly container: string | undefined;
  readonly pid: number;
  readonly mounts: Known<{ readonly list: readonly MountFacts[]; readonly omitted: number }>;
}

/** What is read of one process of the pod. */
export interface InnerFacts {
  /** NSpid of proc_pid_status(5), outermost first. */
  readonly nsPids: readonly number[];
}

/** One closer look at one sandbox. */
export interface PodLook {
  /** By host PID; a process that is not the same any more is left out. */
  readonly inner: ReadonlyMap<number, InnerFacts>;
  /** Undefined unless asked for. */
  readonly network: Known<NetworkLook> | undefined;
  readonly mounts: readonly MountsLook[] | undefined;
}

/** The identity of a process to look at. */
export interface LookTarget {
  readonly pid: number;
  readonly startTicks: number;
}

/** Whom to look at, and how closely. */
export interface PodLookRequest {
  readonly processes: readonly LookTarget[];
  /** A living process that is in the sandbox's network namespace: pause, else the first of a container. */
  readonly holder: LookTarget | undefined;
  /** Pause and first processes, whose mounts are asked for. */
  readonly roots: readonly (LookTarget & { readonly container: string | undefined })[];
  readonly aspects: ReadonlySet<LookAspect>;
}

/** Looks at a pod now; never rejects because something could not be read. */
export type LookAtPod = (request: PodLookRequest) => Promise<PodLook>;
