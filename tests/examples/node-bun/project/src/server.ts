import { Links } from "./links";

const links = new Links();

Bun.serve({
  port: Number(process.env.PORT ?? 3000),
  async fetch(request) {
    if (request.method === "POST") {
      return new Response(links.add(await request.text()), { status: 201 });
    }
    const url = links.find(new URL(request.url).pathname.slice(1));
    return url
      ? Response.redirect(url)
      : new Response("not found", { status: 404 });
  },
});
