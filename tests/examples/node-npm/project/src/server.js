import { createServer } from "node:http";
import { greet } from "./greet.js";

const port = Number(process.env.PORT ?? 8080);

createServer((request, response) => {
  const name = new URL(request.url ?? "/", "http://localhost").searchParams.get(
    "name",
  );
  response.end(greet(name ?? "world"));
}).listen(port);
