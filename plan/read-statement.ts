import { Statement, statementText } from './decision.ts';

export type ReadStatement = { statement: Statement; refusal: null } | { statement: null; refusal: string };

const refuse = (refusal: string): ReadStatement => ({ statement: null, refusal });

/**
 * Reads the text that was signed. Only canonical JSON is taken: two readers can never understand the same bytes
 * differently, by a key given twice or by hidden white space.
 */
export function readStatement(text: string): ReadStatement {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return refuse('the statement is not JSON');
  }
  const parsed = Statement.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const path = issue?.path.join('.') ?? '';
    return refuse(
      `the statement is not one of Lifeboat's decisions: ${path === '' ? '' : `${path}: `}${issue?.message}`,
    );
  }
  if (!isCanonical(parsed.data, text)) return refuse('the statement is not canonical JSON (RFC 8785)');
  return { statement: parsed.data, refusal: null };
}

/** Half of a surrogate pair has no canonical form at all: the library throws. */
function isCanonical(statement: Statement, text: string): boolean {
  try {
    return statementText(statement) === text;
  } catch {
    return false;
  }
}
