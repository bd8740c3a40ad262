/** Makes something, unless the refusal says that it is there already: what is there is left as it is. */
export async function once(make: () => Promise<unknown>, isThere: (refusal: unknown) => boolean): Promise<void> {
  try {
    await make();
  } catch (refusal) {
    if (!isThere(refusal)) throw refusal;
  }
}
