/** The commands for digging further into one sandbox, filled in: what pausewatch itself never does. */
import type { SandboxView } from '../../core/report.ts';
import { shellCommand } from '../text/shell-quote.ts';
import { isWellKnownEndpoint } from './well-known-endpoint.ts';

/** A command and what it is for. */
export interface PodCommand {
  readonly purpose: string;
  readonly command: string;
}

/** Names that a Kubernetes object may have (RFC 1123 subdomain): what runtimes tell need not be one. */
const OBJECT_NAME = /^[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?$/;
/** Containers for which commands are written out. */
const MAX_CONTAINERS = 5;

/** Commands that fit the sandbox: none for a pause that is gone, none with a name that cannot be typed. */
export function podCommands(sandbox: SandboxView, node: string): readonly PodCommand[] {
  const commands = [
    ...ofPausewatch(sandbox),
    ...ofRuntime(sandbox),
    ...ofKernel(sandbox),
    ...ofKubernetes(sandbox, node),
  ];
  return commands.flatMap(([purpose, command]) => (command === undefined ? [] : [{ purpose, command }]));
}

type Draft = readonly [purpose: string, command: string | undefined];

/** What pausewatch-enter would refuse is not offered. */
function ofPausewatch({ id, pauseHealth, containers, runtimeEndpoint }: SandboxView): Draft[] {
  const prefix = id.slice(0, 13);
  const withEndpoint = (command: string | undefined): string | undefined =>
    isWellKnownEndpoint(runtimeEndpoint) ? command : join(command, shellCommand`--runtime-endpoint ${runtimeEndpoint}`);
  const canEnter =
    pauseHealth === 'alive' || (pauseHealth === 'none' && containers.some(({ pid }) => pid !== undefined));
  return [
    ['The same as this page, in a terminal of the node', withEndpoint(shellCommand`pausewatch inspect ${prefix}`)],
    [
      "A shell in the pod's namespaces with the node's own tools",
      canEnter ? withEndpoint(shellCommand`pausewatch-enter ${prefix}`) : undefined,
    ],
  ];
}

/** One command of two parts; none when one of them cannot be typed. */
function join(command: string | undefined, flags: string | undefined): string | undefined {
  return command === undefined || flags === undefined ? undefined : `${command} ${flags}`;
}

function ofRuntime({ id, runtimeEndpoint, containers }: SandboxView): Draft[] {
  const logs = containers
    .slice(-MAX_CONTAINERS)
    .map(
      (it): Draft => [
        `Last words of container ${it.name}`,
        shellCommand`crictl --runtime-endpoint ${runtimeEndpoint} logs --tail 50 ${it.id}`,
      ],
    );
  return [
    [
      'What the runtime knows of the sandbox',
      shellCommand`crictl --runtime-endpoint ${runtimeEndpoint} inspectp ${id}`,
    ],
    ['Its containers, ended ones too', shellCommand`crictl --runtime-endpoint ${runtimeEndpoint} ps -a --pod ${id}`],
    ...logs,
  ];
}

function ofKernel({ pause, containers, pauseHealth }: SandboxView): Draft[] {
  const isThere = pause !== undefined && (pauseHealth === 'alive' || pauseHealth === 'stopped');
  const holder = isThere ? pause.pid : containers.find(({ pid }) => pid !== undefined)?.pid;
  if (holder === undefined) return [];
  const pid = String(holder);
  return [
    ['Who listens in its network namespace', shellCommand`nsenter -t ${pid} -n ss -tulpn`],
    ['A shell in its network, IPC and UTS namespaces', shellCommand`nsenter -t ${pid} -n -i -u`],
    ['Its namespaces', shellCommand`lsns -p ${pid}`],
  ];
}

function ofKubernetes({ namespace, name, containers }: SandboxView, node: string): Draft[] {
  if (!OBJECT_NAME.test(namespace) || !OBJECT_NAME.test(name)) return [];
  const target = containers.findLast(({ state, name: its }) => state === 'running' && OBJECT_NAME.test(its))?.name;
  return [
    ['What the API server knows', shellCommand`kubectl -n ${namespace} describe pod ${name}`],
    target === undefined
      ? ['', undefined]
      : [
          `A container beside ${target}, in its PID namespace`,
          shellCommand`kubectl -n ${namespace} debug -it ${name} --image=busybox --target=${target} -- sh`,
        ],
    [
      'A shell on the node',
      OBJECT_NAME.test(node)
        ? shellCommand`kubectl debug ${`node/${node}`} -it --image=busybox -- chroot /host`
        : undefined,
    ],
  ];
}
