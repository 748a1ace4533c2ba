/** Holds Kubernetes objects against Kubernetes' own schemas, and as strictly as kubectl does: unknown fields are mistakes. */
import { PodMonitor, PrometheusRule } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1';
import { DaemonSet } from 'kubernetes-models/apps/v1';
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1';
import { Role, RoleBinding } from 'kubernetes-models/rbac.authorization.k8s.io/v1';
import { ConfigMap, Namespace, ServiceAccount } from 'kubernetes-models/v1';

/** A Kubernetes object as YAML gives it. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
}

/** The kinds whose schemas are at hand. OpenShift publishes none on npm: its constraint is checked by hand. */
const KINDS = {
  'v1 Namespace': Namespace,
  'v1 ServiceAccount': ServiceAccount,
  'v1 ConfigMap': ConfigMap,
  'apps/v1 DaemonSet': DaemonSet,
  'networking.k8s.io/v1 NetworkPolicy': NetworkPolicy,
  'rbac.authorization.k8s.io/v1 Role': Role,
  'rbac.authorization.k8s.io/v1 RoleBinding': RoleBinding,
  'monitoring.coreos.com/v1 PodMonitor': PodMonitor,
  'monitoring.coreos.com/v1 PrometheusRule': PrometheusRule,
} as const;

/** The schemas on npm are older than the operator that brought this field (0.65, 2023). */
const NEWER_THAN_SCHEMA = /^\/spec\/groups\/\d+\/rules\/\d+\/keep_firing_for: no such field$/;

/** Mistakes of an object; undefined when no schema of its kind is at hand. */
export function mistakesIn(manifest: Manifest): readonly string[] | undefined {
  const kind = `${manifest.apiVersion} ${manifest.kind}`;
  if (!isKnown(kind)) return undefined;
  const watched = watch(manifest, '');
  const wrong: string[] = [];
  try {
    Reflect.apply(KINDS[kind].prototype.validate, watched.value, []);
  } catch (error) {
    wrong.push(error instanceof Error ? error.message : String(error));
  }
  const unknown = watched.unread().map((field) => `${field}: no such field`);
  return [...wrong, ...unknown.filter((mistake) => !NEWER_THAN_SCHEMA.test(mistake))];
}

function isKnown(kind: string): kind is keyof typeof KINDS {
  return Object.hasOwn(KINDS, kind);
}

/** A value that knows which of its fields were looked at. */
interface Watched {
  readonly value: unknown;
  /** Fields nobody looked at, outermost only. */
  unread(): readonly string[];
}

/** The compiled schemas allow unknown fields, and never look at them: that gives them away. */
function watch(value: unknown, path: string): Watched {
  if (typeof value !== 'object' || value === null) return { value, unread: () => [] };
  const children = new Map<string, Watched>();
  const proxy: unknown = new Proxy(value, {
    get(target, key, receiver) {
      const field: unknown = Reflect.get(target, key, receiver);
      if (typeof key !== 'string' || !Object.hasOwn(target, key) || key === 'length') return field;
      const known = children.get(key) ?? watch(field, `${path}/${key}`);
      children.set(key, known);
      return known.value;
    },
  });
  return {
    value: proxy,
    unread: () => Object.keys(value).flatMap((key) => children.get(key)?.unread() ?? [`${path}/${key}`]),
  };
}
