import { mkdirSync, writeFileSync } from "node:fs";
import { wrap } from "@maps/geo";

mkdirSync("dist", { recursive: true });
writeFileSync("dist/tiles.json", JSON.stringify([wrap(190)]));
