/** An approval: a person, counted by identity, and the roles they hold. */
export interface Voice {
  identity: string;
  roles: string[];
}

/**
 * Which of the required roles are still to be given, when each must be given by a different person. One person with
 * two roles counts once, and the assignment that leaves least open is taken.
 */
export function missingRoles(required: readonly string[], voices: readonly Voice[]): string[] {
  const [role, ...rest] = required;
  if (role === undefined) return [];
  const without = [role, ...missingRoles(rest, voices)];
  const options = voices
    .filter((voice) => voice.roles.includes(role))
    .map((voice) =>
      missingRoles(
        rest,
        voices.filter((other) => other.identity !== voice.identity),
      ),
    );
  return [without, ...options].reduce((best, option) => (option.length < best.length ? option : best));
}
