import { z } from 'zod';

/** How things in plans are called: lower-case words joined by hyphens. */
export const Name = z
  .string()
  .regex(/^[a-z][a-z0-9-]*$/, { error: 'expected a lower-case name such as "promote-database"' });
