/** Which findings wake nobody and make no ticket of their own, and why: so that a new finding is not simply forgotten. */

/** Finding to reason. */
export const WITHOUT_ALERT: Readonly<Record<string, string>> = {
  'runtime-unreachable': 'pausewatch_source_up tells it with the source: PausewatchAgentBlind, PausewatchRuntimesDown',
  'zombies-container-init': 'growth and not the level is a ticket: PausewatchZombieBuildup',
  'zombies-probe': 'growth and not the level is a ticket: PausewatchZombieBuildup',
  'zombies-app-parent': 'growth and not the level is a ticket: PausewatchZombieBuildup',
  'zombies-host': 'no pod suffers; what it takes from the node is node-pid-exhaustion',
  'init-not-reaping': 'a fact about an image, with nothing lost yet',
  'exec-leftover': 'a fact for whoever looks at the pod',
  'pid-limit-near': 'what stays near its limit is planned so; growth is PausewatchPidLimitByZombies',
  'pause-oom-score-adj': 'matters when memory runs out, and then shows as pause deaths',
  'pause-image-version-skew': 'a fact of an upgrade under way',
  'pause-image-unqualified': 'a matter of the configuration, seen when it is reviewed',
  'pause-image-unrecognized': 'a matter of the policy file, once per vendor',
  'cgroup-driver-mismatch': 'a fact of the node configuration',
  'sandbox-no-host-pause': 'by design',
  'runtime-info-incomplete': 'by design of the runtime version',
};
