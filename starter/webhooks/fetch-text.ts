/** Fetches a small text over HTTPS; rejects when that is not possible in time. Tests give their own. */
export type FetchText = (url: string) => Promise<string>;

/** Well within the 5 s that a sender waits. */
const TIMEOUT_MS = 1_500;
const MAX_LENGTH = 64 * 1024;

/** Follows no redirection: the place was pinned. */
export const fetchText: FetchText = async (url) => {
  const answer = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${new URL(url).host} answered ${answer.status}`);
  if (text.length > MAX_LENGTH) throw new Error(`${new URL(url).host} answered more than ${MAX_LENGTH} characters`);
  return text;
};
