// The part of the Docker Engine API that makes containers; the agent's own client has none of it.
import { request } from 'node:http';

/** Asks a dockerd. */
export interface DockerApi {
  /** The decoded answer; throws with Docker's own words unless the status is 2xx. */
  call(method: 'GET' | 'POST' | 'DELETE', path: string, body?: object | Buffer): Promise<unknown>;
}

/** Each call has a connection of its own, so that nothing stays open behind a killed daemon. */
export function createDockerApi(socketPath: string): DockerApi {
  return {
    call: (method, path, body) =>
      new Promise((resolve, reject) => {
        const isArchive = Buffer.isBuffer(body);
        const headers = { Host: 'docker', 'Content-Type': isArchive ? 'application/x-tar' : 'application/json' };
        const sent = request({ socketPath, method, path, headers, agent: false, timeout: 60_000 }, (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () => {
            const text = Buffer.concat(chunks).toString('utf8');
            const status = response.statusCode ?? 0;
            // A load that fails says so in its output, long after it was answered with 200.
            const trouble = text.split('\n').find((line) => line.startsWith('{"errorDetail"'));
            if (status < 200 || status > 299 || trouble !== undefined)
              reject(new Error(`${method} ${path}: ${status} ${(trouble ?? text).trim()}`));
            else resolve(text.startsWith('{') || text.startsWith('[') ? JSON.parse(text.split('\n')[0] ?? '') : text);
          });
        });
        sent.on('error', reject);
        sent.on('timeout', () => sent.destroy(new Error(`${method} ${path}: no answer in a minute`)));
        sent.end(body === undefined ? undefined : isArchive ? body : JSON.stringify(body));
      }),
  };
}
