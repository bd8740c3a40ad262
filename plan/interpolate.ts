import type { Problem } from './problem.ts';
import { eachScalar, type Source } from './source.ts';

/** `${NAME}` or `${NAME:-default}`; a default holds no closing brace. */
const REFERENCE = /\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g;

export type Variables = Readonly<Record<string, string | undefined>>;

/** The text with variables put in, and what was wrong with its references. */
function substitute(text: string, variables: Variables): { text: string; faults: { message: string; hint: string }[] } {
  const faults: { message: string; hint: string }[] = [];
  const rest = text.replaceAll(REFERENCE, '');
  if (rest.includes('${')) {
    faults.push({ message: 'holds a "${" that is no reference', hint: `write \${NAME} or \${NAME:-default}` });
  }
  const filled = text.replaceAll(REFERENCE, (_, name: string, otherwise: string | undefined) => {
    const value = variables[name] || otherwise;
    if (value === undefined) {
      faults.push({
        message: `environment variable ${name} is not set`,
        hint: `set it, or write a default: \${${name}:-value}`,
      });
    }
    return value ?? '';
  });
  return { text: filled, faults };
}

/**
 * Puts variables into the scalar values of a document, in place, so that lines stay what they were. An empty variable
 * counts as missing, as in a shell's `:-`. What is put in stays text. Answers what could not be put in.
 */
export function interpolate(source: Source, variables: Variables): Problem[] {
  const problems: Problem[] = [];
  eachScalar(source, (path, scalar) => {
    if (typeof scalar.value !== 'string' || !scalar.value.includes('${')) return;
    const { text, faults } = substitute(scalar.value, variables);
    scalar.value = text;
    problems.push(...faults.map(({ message, hint }) => source.problem(path, message, hint)));
  });
  return problems;
}
