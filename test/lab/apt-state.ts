// An apt of the lab's own: the host's sources and keys, but lists, cache and state of which the host never hears.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Code name of the host's release (`bookworm`); empty where it has none, as in unstable. */
export function hostSuite(): string {
  return /^VERSION_CODENAME="?([a-z]+)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? '';
}

/** Makes empty apt state in a directory, which may exist; returns the configuration file for `apt-get -c`. */
export function createAptState(dir: string, suite: string | undefined): string {
  rmSync(dir, { recursive: true, force: true });
  for (const part of ['lists/partial', 'cache/archives/partial', 'sources'])
    mkdirSync(join(dir, part), { recursive: true });
  writeFileSync(join(dir, 'status'), '');
  const configFile = join(dir, 'apt.conf');
  writeFileSync(configFile, `${renderConfig(dir)}${suite === undefined ? '' : renderSources(dir, suite)}`);
  return configFile;
}

/** Hooks are cleared because they tell the host's other programs that its package lists were renewed. */
function renderConfig(dir: string): string {
  return `#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
Dir::State "${dir}";
Dir::State::Lists "${join(dir, 'lists')}";
Dir::State::Status "${join(dir, 'status')}";
Dir::Cache "${join(dir, 'cache')}";
APT::Sandbox::User "root";
Acquire::Retries "3";
Acquire::Languages "none";
Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
Acquire::IndexTargets::deb::CNF::DefaultEnabled "false";
Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled "false";
`;
}

/** The host's sources with its own release's name exchanged for another's. */
function renderSources(dir: string, suite: string): string {
  const parts = '/etc/apt/sources.list.d';
  const files = existsSync(parts) ? readdirSync(parts).filter((name) => /\.(list|sources)$/.test(name)) : [];
  const paths = ['/etc/apt/sources.list', ...files.map((name) => join(parts, name))].filter((path) => existsSync(path));
  for (const [index, path] of paths.entries()) {
    const text = readFileSync(path, 'utf8').replaceAll(new RegExp(`\\b${hostSuite()}\\b`, 'g'), suite);
    writeFileSync(join(dir, 'sources', `${index}${path.endsWith('.sources') ? '.sources' : '.list'}`), text);
  }
  return `Dir::Etc::SourceList "/dev/null";\nDir::Etc::SourceParts "${join(dir, 'sources')}";\n`;
}
