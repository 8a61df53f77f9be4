exports.signal = (value) => {
  const readers = new Set();
  return {
    get: () => value,
    set: (next) => {
      value = next;
      readers.forEach((read) => read(value));
    },
    subscribe: (read) => readers.add(read),
  };
};
