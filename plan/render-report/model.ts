/** A report laid out, before it becomes Markdown or HTML. All text is plain and may hold anything. */

/** How a value reads at a glance. */
export type Tone = 'good' | 'bad' | 'unsure' | 'plain';

/** When something ran, as shares of the whole recovery, 0 to 1. */
export interface Bar {
  start: number;
  end: number;
  tone: Tone;
}

export type Cell = string | { text: string; tone: Tone } | { bar: Bar | null };

export interface Table {
  columns: string[];
  rows: Cell[][];
}

export interface Section {
  title: string;
  /** Said under the title, one paragraph each. */
  notes: string[];
  /** Null when the notes say it all. */
  table: Table | null;
}

export interface ReportDocument {
  title: string;
  headline: { text: string; tone: Tone };
  /** One sentence. */
  summary: string;
  sections: Section[];
}
