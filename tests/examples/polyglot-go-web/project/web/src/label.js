export const label = (up) => (up ? 'up' : 'down');
