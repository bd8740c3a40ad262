/** A word that the shell takes as it is. */
const PLAIN = /^[A-Za-z0-9_./:=@%+,-]+$/;

/** What bash reads even between double quotes. */
const LIVE = /["$`\\!]/;

/** A word for bash, quoted where it must be, and in the way that people read best. */
export function quoted(word: string): string {
  if (PLAIN.test(word)) return word;
  if (word.includes("'") && !LIVE.test(word)) return `"${word}"`;
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** The file of a secret, by its name: the secret itself is never written. */
export const secretFile = (name: string) => `"$SECRETS/${name}"`;

/** What the file of a secret holds, for use between double quotes. */
export const secretText = (name: string) => `$(cat ${secretFile(name)})`;

/** The same as one word. */
export const secret = (name: string) => `"${secretText(name)}"`;

/** The AWS CLI, told where to ask. */
export function aws(service: string, { region, endpoint }: { region: string; endpoint?: string | undefined }): string {
  const at = endpoint === undefined ? '' : ` --endpoint-url ${quoted(endpoint)}`;
  return `aws ${service} --region ${quoted(region)}${at}`;
}

/** Lines of one command. */
export const lines = (...parts: string[]) => parts.join(' \\\n  ');
