/** Rules, dashboards and pages are what their sources say: `npm run golden` writes them anew. */
import { expect, test } from 'vitest';
import { renderDashboard } from '../../deploy/source/dashboard.ts';
import { FLEET_DASHBOARD } from '../../deploy/source/fleet-dashboard.ts';
import { renderGrafanaAlerts } from '../../deploy/source/grafana-alerts.ts';
import { renderInhibitions } from '../../deploy/source/inhibitions.ts';
import { renderMetricsPage } from '../../deploy/source/metrics-page.ts';
import { NODE_DASHBOARD } from '../../deploy/source/node-dashboard.ts';
import { renderNodeProblemDetector } from '../../deploy/source/node-problem-detector.ts';
import { renderPrometheusRule, renderRuleFile } from '../../deploy/source/rules.ts';
import { renderScrapeConfig } from '../../deploy/source/scrape.ts';

const COMPONENT = 'deploy/kustomize/components/prometheus-operator';

const GENERATED = [
  ['deploy/prometheus/rules.yaml', renderRuleFile()],
  ['deploy/prometheus/scrape.yaml', renderScrapeConfig()],
  ['deploy/alertmanager/inhibitions.yaml', renderInhibitions()],
  ['deploy/grafana/alerts.yaml', renderGrafanaAlerts()],
  ['deploy/node-problem-detector/pausewatch.json', renderNodeProblemDetector()],
  [`${COMPONENT}/prometheusrule.yaml`, renderPrometheusRule()],
  [`${COMPONENT}/pausewatch-fleet.json`, renderDashboard(FLEET_DASHBOARD)],
  [`${COMPONENT}/pausewatch-node.json`, renderDashboard(NODE_DASHBOARD)],
  ['docs/metrics.md', renderMetricsPage()],
] as const;

test.each(GENERATED)('%s is current', async (path, text) => {
  await expect(text).toMatchFileSnapshot(`../../${path}`);
});
