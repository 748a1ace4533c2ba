// What the private containerd and its CNI are told: everything below the lab's own directory.
import { statfsSync } from 'node:fs';
import { join } from 'node:path';
import type { LabDirectory } from './lab-directory.ts';
import type { Tools } from './tools.ts';

/** Magic number of overlayfs in statfs(2). */
const OVERLAYFS = 0x794c7630;

/** config.toml. Strings are written as JSON, which TOML's basic strings accept. */
export function renderContainerdConfig(lab: LabDirectory, tools: Tools, sandboxImage: string): string {
  const cri = 'plugins."io.containerd.grpc.v1.cri"';
  return `version = 2
root = ${JSON.stringify(lab.root)}
state = ${JSON.stringify(lab.state)}
disabled_plugins = ["io.containerd.internal.v1.restart", "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.aufs", "io.containerd.tracing.processor.v1.otlp", "io.containerd.internal.v1.tracing"]

[grpc]
address = ${JSON.stringify(lab.socket)}

[plugins."io.containerd.internal.v1.opt"]
path = ${JSON.stringify(join(lab.path, 'opt'))}

[${cri}]
sandbox_image = ${JSON.stringify(sandboxImage)}
restrict_oom_score_adj = true
disable_tcp_service = true
netns_mounts_under_state_dir = true
disable_apparmor = true

[${cri}.cni]
bin_dir = ${JSON.stringify(tools.cniDirectory)}
conf_dir = ${JSON.stringify(lab.cniConfig)}

[${cri}.containerd]
snapshotter = ${JSON.stringify(snapshotter(lab))}
default_runtime_name = "runc"

[${cri}.containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"

[${cri}.containerd.runtimes.runc.options]
BinaryName = ${JSON.stringify(tools.runc)}
Root = ${JSON.stringify(lab.runcRoot)}
SystemdCgroup = false
`;
}

/** A network that needs neither iptables nor forwarding: a bridge without a gateway, addresses from a private range. */
export function renderNetworkConfig(lab: LabDirectory): string {
  const network = {
    cniVersion: '0.4.0',
    name: lab.name,
    plugins: [
      {
        type: 'bridge',
        bridge: bridgeName(lab),
        isGateway: false,
        ipMasq: false,
        ipam: { type: 'host-local', dataDir: lab.cniState, ranges: [[{ subnet: '10.222.0.0/16' }]] },
      },
    ],
  };
  return JSON.stringify(network, undefined, 2);
}

/** The lab's bridge; 12 of the 15 bytes an interface name may have. */
export function bridgeName(lab: LabDirectory): string {
  return lab.name;
}

/** Overlayfs cannot lie upon overlayfs, as when the lab itself runs in a container. */
function snapshotter(lab: LabDirectory): string {
  return statfsSync(lab.path).type === OVERLAYFS ? 'native' : 'overlayfs';
}
