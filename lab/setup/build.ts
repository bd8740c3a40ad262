import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import type { GoBuild, Recipe } from './tool.ts';

/** The program that each recipe is made with. */
export const BUILDERS = {
  'go-install': 'go',
  'go-build': 'go',
  venv: 'python3',
  maven: 'mvn',
} as const satisfies Record<Recipe['kind'], string>;

/** Builds a tool into `folder`, its programs in `bin/`; the whole folder is moved to `home` afterwards. */
export async function build(recipe: Recipe, folder: string, home: string): Promise<void> {
  const bin = join(folder, 'bin');
  switch (recipe.kind) {
    case 'go-install':
      await execa('go', ['install', recipe.module], { env: { GOBIN: bin, GOFLAGS: '-buildvcs=false' } });
      return;
    case 'go-build':
      return goBuild(recipe, folder, bin);
    case 'venv':
      return venvBuild(recipe, folder, home);
    case 'maven':
      return mavenBuild(recipe, folder, bin);
  }
}

async function goBuild(recipe: GoBuild, folder: string, bin: string): Promise<void> {
  const source = join(folder, 'source');
  await mkdir(source, { recursive: true });
  await writeFile(join(source, 'go.mod'), goModule(recipe));
  const variables = Object.entries(recipe.set ?? {}).map(([name, value]) => `-X ${name}=${value}`);
  const output = recipe.output ? join(bin, recipe.output) : `${bin}/`;
  await mkdir(bin, { recursive: true });
  await execa('go', ['build', '-ldflags', variables.join(' '), '-o', output, ...recipe.packages], {
    cwd: source,
    env: { GOFLAGS: '-mod=mod -buildvcs=false' },
  });
}

function goModule({ module, version, replace = {} }: GoBuild): string {
  const replacements = Object.entries(replace).map(([from, to]) => `replace ${from} => ${to}\n`);
  return `module lifeboat.lab/build\n\ngo 1.24.0\n\nrequire ${module} ${version}\n\n${replacements.join('')}`;
}

/** The program's first line names the interpreter by its path, which changes when the folder moves. */
async function venvBuild(recipe: Extract<Recipe, { kind: 'venv' }>, folder: string, home: string): Promise<void> {
  await execa('python3', ['-m', 'venv', folder]);
  await execa(join(folder, 'bin', 'pip'), ['install', '--quiet', recipe.requirement]);
  const program = join(folder, 'bin', recipe.program);
  const script = await readFile(program, 'utf8');
  await writeFile(program, script.replaceAll(folder, home));
}

/** The artifact with all that it depends on, and a script that starts it. */
async function mavenBuild(recipe: Extract<Recipe, { kind: 'maven' }>, folder: string, bin: string): Promise<void> {
  const pom = join(folder, 'pom.xml');
  await mkdir(bin, { recursive: true });
  await writeFile(pom, project(recipe.artifact));
  await execa('mvn', [
    ...['--batch-mode', '--quiet', '--file', pom, 'dependency:copy-dependencies'],
    ...[`-DoutputDirectory=${join(folder, 'lib')}`, '-DincludeScope=runtime'],
  ]);
  // A JVM that compiles less starts in half the time.
  const options = '-XX:TieredStopAtLevel=1 -XX:+UseSerialGC';
  const script = `#!/bin/sh\nexec java ${options} -cp "$(dirname "$(readlink -f "$0")")/../lib/*" ${recipe.main} "$@"\n`;
  const program = join(bin, recipe.program);
  await writeFile(program, script);
  await chmod(program, 0o755);
}

function project(artifact: string): string {
  const [group, name, version] = artifact.split(':');
  return `<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>lifeboat.lab</groupId>
  <artifactId>build</artifactId>
  <version>1</version>
  <dependencies>
    <dependency><groupId>${group}</groupId><artifactId>${name}</artifactId><version>${version}</version></dependency>
  </dependencies>
</project>
`;
}
