/** The metric families about pausewatch itself; they stay when the last audit is too old for the others. */
import type { MetricFamily } from './metric-family.ts';

/** Families of build, sources and audits, in the order of output. */
export const AGENT_FAMILIES = [
  {
    name: 'pausewatch_build_info',
    kind: 'gauge',
    labels: ['version', 'revision', 'nodejs_version'],
    help: 'The running pausewatch; always 1.',
  },
  {
    name: 'pausewatch_source_up',
    kind: 'gauge',
    labels: ['source', 'endpoint'],
    help: 'Whether the source answered in the last audit (1) or not (0); endpoint is empty for procfs and cgroupfs.',
  },
  {
    name: 'pausewatch_source_faults_total',
    kind: 'counter',
    labels: ['source', 'code'],
    help: 'Things that could not be read since the agent started, by cause.',
  },
  {
    name: 'pausewatch_audit_duration_seconds',
    kind: 'gauge',
    labels: ['phase'],
    help: 'How long each phase of an audit took the last time it ran, in seconds.',
  },
  {
    name: 'pausewatch_audits_total',
    kind: 'counter',
    labels: [],
    help: 'Audits done since the agent started.',
  },
  {
    name: 'pausewatch_audits_skipped_total',
    kind: 'counter',
    labels: [],
    help: 'Audits left out since the agent started because the one before was still running.',
  },
  {
    name: 'pausewatch_last_audit_timestamp_seconds',
    kind: 'gauge',
    labels: [],
    help: 'When the last audit looked at the node, in seconds since the epoch.',
  },
] as const satisfies readonly MetricFamily[];
