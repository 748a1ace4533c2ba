/** Reads the names the kubelet gives to Docker containers: k8s_<container>_<pod>_<namespace>_<uid>_<attempt>. */

/** What such a name says. */
export interface KubeletName {
  /** "POD" for a sandbox. */
  readonly container: string;
  readonly pod: string;
  readonly namespace: string;
  readonly uid: string;
  readonly attempt: number;
}

/**
 * Undefined for any other name. No part may hold an underscore, so splitting is safe. A seventh part is what dockershim
 * appended after a conflict of names; kubelets before 1.3 wrote a hash after the container's name and in the attempt's place.
 */
export function parseKubeletName(name: string): KubeletName | undefined {
  const bare = name.startsWith('/') ? name.slice(1) : name;
  const [prefix, container, pod, namespace, uid, attempt, ...rest] = bare.split('_');
  if (prefix !== 'k8s' || !container || !pod || !namespace || !uid || !attempt || rest.length > 1) return undefined;
  return {
    container: container.split('.')[0] ?? container,
    pod,
    namespace,
    uid,
    attempt: /^\d{1,6}$/.test(attempt) ? Number(attempt) : 0,
  };
}
