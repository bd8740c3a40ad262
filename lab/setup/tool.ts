/** A tool that is cached outside the repository in `<cache>/<name>-<version>/bin/<program>`. */
export interface Tool {
  version: string;
  /** What it is for, shown while it is obtained. */
  why: string;
  programs: readonly [string, ...string[]];
  /** How long building it took on two cores, so that people know what they wait for. */
  buildSeconds: number;
  /** Environment variable that names a program to use in place of the cached one. */
  variable?: string;
  /** A program of that name on PATH is taken as well, whatever its version. */
  onPath?: boolean;
  /** `{arch}` stands for amd64 or arm64, `{program}` for each program. */
  download?: Download;
  build: Recipe;
}

/** An archive (`.tar.gz`, `.tgz`) that contains the programs, or a file for each program. */
export interface Download {
  url: string;
  /** A list of SHA-256 sums as `sha256sum` prints it, or a single sum. */
  checksums?: string;
}

export type Recipe =
  | { kind: 'go-install'; module: string }
  | GoBuild
  | { kind: 'venv'; requirement: string; program: string }
  | { kind: 'maven'; artifact: string; main: string; program: string };

/** For modules whose replace directives keep `go install` from working: built as a dependency of a module of our own. */
export interface GoBuild {
  kind: 'go-build';
  module: string;
  version: string;
  packages: readonly string[];
  /** Module and version by the module that they replace. */
  replace?: Readonly<Record<string, string>>;
  /** Values by the variable that the linker sets. */
  set?: Readonly<Record<string, string>>;
  /** File name of the program, where it is not the last part of the package's path. */
  output?: string;
}

/** A Debian package that brings programs of its own. */
export interface DebianPackage {
  why: string;
  /** Absolute path by the program's name. */
  programs: Readonly<Record<string, string>>;
}
