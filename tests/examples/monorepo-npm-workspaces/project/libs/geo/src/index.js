/** Degrees as a number between -180 and 180. */
export const wrap = (longitude) =>
  ((((longitude + 180) % 360) + 360) % 360) - 180;
