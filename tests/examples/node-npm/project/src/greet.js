/** @param {string} name */
export function greet(name) {
  const who = name.trim();
  if (who === "") {
    throw new RangeError("a name is needed");
  }
  return `Hello, ${who}!`;
}
