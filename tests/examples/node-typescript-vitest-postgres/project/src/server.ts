import Fastify from "fastify";
import { book } from "./bookings.js";

const app = Fastify({ logger: true });

app.post<{ Body: { guest: string; night: string } }>("/bookings", ({ body }) =>
  book(body.guest, new Date(body.night)),
);

await app.listen({ port: Number(process.env.PORT ?? 3000), host: "0.0.0.0" });
