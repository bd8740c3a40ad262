import { Downloads } from './download.ts';
import { inParallel } from './in-parallel.ts';
import { canInstall, installPackages } from './install-packages.ts';
import { locate } from './locate.ts';
import { obtain, type Report } from './obtain.ts';
import { PACKAGES } from './packages.ts';
import { MissingPrerequisite, missingBuilders, missingPackages, type PackageName } from './prerequisites.ts';
import type { Tool } from './tool.ts';
import { TOOLS } from './tools.ts';

export type ToolName = keyof typeof TOOLS | PackageName;

/** Builds use every core by themselves. */
const AT_ONCE = 2;

/**
 * Makes sure that the tools and Debian packages are on the machine, and answers the path of each of their programs.
 * What is missing is downloaded, built or installed, with a line of progress each. Throws one line that names
 * everything that people must install themselves.
 */
export async function ensureTools(
  names: readonly ToolName[],
  report: Report = (line) => void process.stderr.write(`setup  ${line}\n`),
): Promise<Record<string, string>> {
  const tools = names.filter(isTool).map((name) => [name, TOOLS[name] as Tool] as const);
  const packages = names.filter((name) => !isTool(name)) as PackageName[];
  const absent = tools.filter(([name, tool]) => !locate(name, tool));
  await ensurePackages(
    packages,
    absent.map(([, tool]) => tool),
    report,
  );
  const downloads = new Downloads();
  await inParallel(AT_ONCE, absent, ([name, tool]) => obtain(name, tool, downloads, report));
  const programs = packages.map((name) => PACKAGES[name].programs);
  return Object.assign({}, ...programs, ...tools.map(([name, tool]) => locate(name, tool)));
}

/** Path of the Temporal server that skips time, as `createTimeSkipping` takes it. */
export async function temporalTestServer(): Promise<string> {
  const programs = await ensureTools(['temporal-test-server', 'openjdk-17-jre-headless']);
  return programs['temporal-test-server'] as string;
}

/** A tool that may be downloaded needs its builder only if that fails, which is then said by `obtain`. */
async function ensurePackages(names: readonly PackageName[], absent: readonly Tool[], report: Report): Promise<void> {
  const builders = missingBuilders(absent.filter(({ download }) => !download));
  const packages = [...missingPackages(names), ...builders.packages];
  if (packages.length === 0) return;
  if (!canInstall()) throw new MissingPrerequisite({ packages, others: missingBuilders(absent).others });
  report(`Debian packages: installing ${packages.join(', ')}`);
  const since = performance.now();
  await installPackages(packages);
  report(`Debian packages: installed in ${((performance.now() - since) / 1000).toFixed(0)} s`);
}

function isTool(name: ToolName): name is keyof typeof TOOLS {
  return name in TOOLS;
}
