const { signal } = require("@signals/core");

exports.logged = (value, write) => {
  const inner = signal(value);
  inner.subscribe(write);
  return inner;
};
