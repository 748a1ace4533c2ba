/** The words that redaction leaves as they are: those of the field and of our own sentences, never a name of somebody's. */
import { constants } from 'node:os';

const words = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/).filter((it) => it !== ''));

/** Parts of cgroup paths, of sockets and of programs of the node, and of names of runtimes and their handlers. */
export const PATH_WORDS = words(`
  kubepods burstable besteffort guaranteed pod kubelet system user init machine slice scope service session runtime
  containerd shim runc crun youki kata runsc gvisor crio cri o conmon docker dockerd dockershim libpod podman v1 v2
  pause proc sys fs cgroup pids unified run var lib usr bin sbin local opt host sock k3s rke2 stat status ns net ipc
  uts pid mnt exe root threads max current events procs tasks kernel self
`);

/** comm of processes that verdicts, or the people who read them, must recognise. */
export const KEPT_COMMS = words('pause kubelet systemd init tini dumb-init catatonit docker-init s6-svscan');

/** Words of the messages that faults carry, calls of CRI and names of errors. */
export const MESSAGE_WORDS: ReadonlySet<string> = new Set([
  ...PATH_WORDS,
  ...Object.keys(constants.errno),
  ...words(`
    ListPodSandbox PodSandboxStatus ListContainers ContainerStatus ListImages Version Status ImageFsInfo
    a about after agent all an and answer answered answers are as at be because before behind belongs both box but by
    call called cannot capability cgroup cgroups connection container containers controller could deadline denied
    detection details does end enabled ended error exist exists expected file files for from gone hang hangs has have
    hash hold hostPID image images in info into is it its json kernel left line links list listed listens look lost
    makes may message more mount name named namespace namespaces next no nobody node node's none normal not number
    object of offer old on only open or other out overloaded pause permission permitted pid place pods process processes
    program question read reading reached reason root run running runtime runtimes sandbox sandboxes says seen sense
    share shared shown shows signs silent since so socket sockets source such take takes tell telling than that the
    them there this time to told too tried unknown until verbose was well-known were what when where which while with
    without zombies
    CAP_SYS_PTRACE CRI --path.procfs --path.cgroupfs --node.pid-max
  `),
]);
