const { mkdirSync, writeFileSync } = require("node:fs");
const { row } = require("../src/index.js");

mkdirSync("dist", { recursive: true });
writeFileSync("dist/table.txt", `${row("Tea", 250)}\n`);
