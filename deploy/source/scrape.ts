/** How Prometheus scrapes the agents without the operator: the same relabelling as the PodMonitor's. */
import { renderYaml } from './rules.ts';

/** Labels of the scrape target that would hide the pods' own. */
const HIDING = 'pod|container|namespace|endpoint';

/** Names the target after its node and drops what hides the labels of the pods that are watched. */
const TARGET_RELABELLING = [
  { action: 'replace', source_labels: ['__meta_kubernetes_pod_node_name'], target_label: 'node' },
  { action: 'replace', source_labels: ['__meta_kubernetes_pod_node_name'], target_label: 'instance' },
  { action: 'labeldrop', regex: HIDING },
] as const;

/** A fragment of prometheus.yml. */
export function renderScrapeConfig(): string {
  return renderYaml({
    scrape_configs: [
      {
        job_name: 'pausewatch',
        honor_labels: true,
        scrape_interval: '30s',
        sample_limit: 21_000,
        kubernetes_sd_configs: [{ role: 'pod', namespaces: { names: ['pausewatch'] } }],
        relabel_configs: [
          {
            action: 'keep',
            source_labels: [
              '__meta_kubernetes_pod_label_app_kubernetes_io_name',
              '__meta_kubernetes_pod_container_port_name',
            ],
            regex: 'pausewatch;http',
          },
          ...TARGET_RELABELLING,
        ],
      },
    ],
  });
}
