/** How Cloudflare's API v4 answers, whatever was asked. */

export function success(result: unknown, more: object = {}) {
  return { success: true, errors: [], messages: [], result, ...more };
}

/** A whole list as one page. */
export function page(result: readonly unknown[]) {
  const count = result.length;
  return success(result, {
    result_info: { page: 1, per_page: Math.max(count, 100), count, total_count: count, total_pages: 1 },
  });
}

export function failure(code: number, message: string) {
  return { success: false, errors: [{ code, message }], messages: [], result: null };
}
