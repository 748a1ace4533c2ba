/** A configuration of node-problem-detector's custom plugin monitor that runs `pausewatch scan -o line`. */

/** Where the systemd package puts the program (deploy/systemd/pausewatch.service). */
const PROGRAM = '/usr/lib/pausewatch/pausewatch.mjs';

/** JSON as node-problem-detector reads it. Its exit codes are ours: 0 fine, 1 a problem, anything else unknown. */
export function renderNodeProblemDetector(): string {
  const rule = {
    type: 'permanent',
    condition: 'PodSandboxProblem',
    reason: 'PauseOrReaperUnhealthy',
    path: '/usr/bin/node',
    args: [PROGRAM, 'scan', '--output=line', '--fail-on=critical', '--settle=2s'],
    timeout: '20s',
  };
  return `${JSON.stringify(
    {
      plugin: 'custom',
      pluginConfig: { invoke_interval: '60s', timeout: '25s', max_output_length: 80, concurrency: 1 },
      source: 'pausewatch-custom-plugin-monitor',
      metricsReporting: true,
      conditions: [
        {
          type: 'PodSandboxProblem',
          reason: 'PausesAndReapersHealthy',
          message: 'no critical finding about the pauses of this node',
        },
      ],
      rules: [rule],
    },
    undefined,
    2,
  )}\n`;
}
