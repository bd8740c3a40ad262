/** The site of what must survive the others: Temporal, monitoring, object storage, DNS, Lifeboat itself. */
export const THIRD_PLACE = 'third-place';
