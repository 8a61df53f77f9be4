/**
 * Milliseconds as hours, minutes and seconds.
 *
 * @module
 */

/** Writes a duration such as `1:02:03`. */
export function format(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return parts.map((part, i) => i === 0 ? String(part) : String(part).padStart(2, "0")).join(":");
}
