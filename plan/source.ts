import {
  type Document,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseAllDocuments,
  parseDocument,
  type Scalar,
  visit,
} from 'yaml';
import { type Path, type Problem, pathText } from './problem.ts';

/** Aliases in the text, and what they multiply it to: each has a bound. */
const MAX_ALIASES = 100;
/** Bytes of text; plans are small, and a bigger one is a mistake. */
const MAX_TEXT = 200_000;

/**
 * Plain YAML: tags such as `!!binary` or `!!set` are not looked up, only warned of. The library compares each key of a map
 * with each other, which takes long for many: `repeatedKeys` looks for those.
 */
const OPTIONS = { prettyErrors: false, logLevel: 'silent', resolveKnownTags: false, uniqueKeys: false } as const;

/** A YAML document that remembers where everything stands. */
export interface Source {
  file: string;
  document: Document;
  /** A problem at the node of the path, or at its nearest parent's key when there is no such node. */
  problem(path: Path, message: string, hint?: string | null, severity?: Problem['severity']): Problem;
  /** A problem at the key that ends the path. */
  keyProblem(path: Path, message: string, hint?: string | null): Problem;
  /** Is there a node at the path, even an empty one? */
  has(path: Path): boolean;
}

interface Place {
  key: Node | null;
  value: Node | null;
}

const nodeOf = (value: unknown): Node | null => (isNode(value) ? value : null);

function child(node: Node | null, part: string | number): Place | null {
  if (isMap(node)) {
    const pair = node.items.find(({ key }) => keyText(key) === String(part));
    return pair === undefined ? null : { key: nodeOf(pair.key), value: nodeOf(pair.value) };
  }
  if (!isSeq(node) || typeof part !== 'number' || part >= node.items.length) return null;
  return { key: null, value: nodeOf(node.items[part]) };
}

/** The node of the path, or of its longest part that exists. */
function find(document: Document, path: Path): { place: Place; complete: boolean } {
  let place: Place = { key: null, value: document.contents as Node | null };
  for (const part of path) {
    const next = child(place.value, part);
    if (next === null) return { place, complete: false };
    place = next;
  }
  return { place, complete: true };
}

/** An empty value has no text of its own to point at. */
const hasText = (node: Node | null) => node?.range != null && node.range[1] > node.range[0];

function offsetOf(document: Document, path: Path): number {
  const { place, complete } = find(document, path);
  const node = complete && hasText(place.value) ? place.value : (place.key ?? place.value);
  return node?.range?.[0] ?? 0;
}

function keyOffsetOf(document: Document, path: Path): number {
  const { place, complete } = find(document, path);
  return complete && place.key?.range != null ? place.key.range[0] : offsetOf(document, path);
}

function position(lines: LineCounter, offset: number) {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(line, 1), column: Math.max(col, 1) };
}

function sourceOf(file: string, document: Document, lines: LineCounter): Source {
  const at = (
    offset: number,
    path: Path,
    message: string,
    hint: string | null,
    severity: Problem['severity'] = 'error',
  ): Problem => ({
    severity,
    file,
    ...position(lines, offset),
    path: pathText(path),
    message,
    hint,
  });
  return {
    file,
    document,
    problem: (path, message, hint = null, severity = 'error') =>
      at(offsetOf(document, path), path, message, hint, severity),
    keyProblem: (path, message, hint = null) => at(keyOffsetOf(document, path), path, message, hint),
    has: (path) => find(document, path).complete,
  };
}

/** What is wrong with the text as YAML. */
export interface Syntax {
  problems: Problem[];
  /** Is the document what its author meant? If not, judging its content would only mislead. */
  readable: boolean;
}

/** Text to a document with places, and every fault of its syntax. Never throws. */
export function readSource(text: string, file: string): { source: Source; syntax: Syntax } {
  const lines = new LineCounter();
  const tooLong = text.length > MAX_TEXT;
  const documents = parseAllDocuments(tooLong ? '' : text, { ...OPTIONS, lineCounter: lines });
  const [document = parseDocument('', OPTIONS), second] = documents as Document.Parsed[];
  const source = sourceOf(file, document, lines);
  if (tooLong) {
    return {
      source,
      syntax: { problems: [source.problem([], `longer than ${MAX_TEXT} characters`)], readable: false },
    };
  }
  if (second !== undefined) {
    const message = 'a second YAML document starts here, which would not be read';
    const problem: Problem = {
      severity: 'error',
      file,
      ...position(lines, second.range[0]),
      path: '',
      message,
      hint: 'one document a file',
    };
    return { source, syntax: { problems: [problem], readable: false } };
  }
  const surplus = surplusAlias(document);
  if (surplus !== null) {
    const message = `more than ${MAX_ALIASES} aliases`;
    const problem: Problem = {
      severity: 'error',
      file,
      ...position(lines, surplus),
      path: '',
      message,
      hint: 'write the values out',
    };
    return { source, syntax: { problems: [problem], readable: false } };
  }
  const faults = [...document.errors, ...document.warnings].map((error) => ({
    severity: 'error' as const,
    file,
    ...position(lines, error.pos[0]),
    path: '',
    message: `not valid YAML: ${error.message}`,
    hint: null,
  }));
  const problems = [...firstOfLine([...faults, ...repeatedKeys(source, lines)]), ...unresolvedAliases(source, lines)];
  return { source, syntax: { problems, readable: document.errors.length === 0 } };
}

/** Keys that stand in their map before; which of the two was meant, nobody can say. */
function repeatedKeys({ file, document }: Source, lines: LineCounter): Problem[] {
  const problems: Problem[] = [];
  visit(document, {
    Map(_, map) {
      const seen = new Set<string>();
      for (const { key } of map.items) {
        const text = keyText(key);
        if (seen.has(text)) {
          const at = position(lines, nodeOf(key)?.range?.[0] ?? 0);
          const message = 'not valid YAML: Map keys must be unique';
          problems.push({ severity: 'error', file, ...at, path: '', message, hint: 'keep one of the two' });
        }
        seen.add(text);
      }
    },
  });
  return problems;
}

/** Where the first alias beyond the bound stands; null within it. To resolve one takes as long as the document is. */
function surplusAlias(document: Document): number | null {
  let count = 0;
  let offset: number | null = null;
  visit(document, {
    Alias(_, { range }) {
      count += 1;
      if (count <= MAX_ALIASES) return;
      offset = range?.[0] ?? 0;
      return visit.BREAK;
    },
  });
  return offset;
}

/** Further faults of a line follow from its first. */
function firstOfLine(problems: readonly Problem[]): Problem[] {
  const first = new Map<number, Problem>();
  for (const problem of problems) if (!first.has(problem.line)) first.set(problem.line, problem);
  return [...first.values()];
}

function unresolvedAliases({ file, document }: Source, lines: LineCounter): Problem[] {
  const problems: Problem[] = [];
  visit(document, {
    Alias(_, alias) {
      if (alias.resolve(document) !== undefined) return;
      const message = `there is no anchor "&${alias.source}" before this alias`;
      problems.push({
        severity: 'error',
        file,
        ...position(lines, alias.range?.[0] ?? 0),
        path: '',
        message,
        hint: 'write the value out',
      });
    },
  });
  return problems;
}

/** Visits every scalar value with its path. Keys are not values; an alias is visited where its anchor is. */
export function eachScalar(source: Source, see: (path: Path, scalar: Scalar) => void): void {
  const walk = (node: unknown, path: Path): void => {
    if (isScalar(node)) see(path, node);
    else if (isMap(node)) for (const { key, value } of node.items) walk(value, [...path, keyText(key)]);
    else if (isSeq(node)) for (const [index, item] of node.items.entries()) walk(item, [...path, index]);
  };
  walk(source.document.contents, []);
}

const keyText = (key: unknown) => (isScalar(key) ? String(key.value) : String(key));

/** The document as plain data, or the problem that keeps it from becoming so. Never throws. */
export function plainData(source: Source): { value: unknown } | { problems: Problem[] } {
  try {
    return { value: source.document.toJS({ maxAliasCount: MAX_ALIASES }) };
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    return { problems: [source.problem([], `aliases cannot be followed: ${why}`, 'write the value out')] };
  }
}
