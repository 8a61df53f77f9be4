const pc = require("picocolors");

function row(name, cents) {
  return `${pc.bold(name)}: ${(cents / 100).toFixed(2)}`;
}

module.exports = { row };
