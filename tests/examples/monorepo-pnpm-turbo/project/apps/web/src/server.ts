import { euros } from "@shop/money";

export const page = (): string => `<h1>Tea, ${euros(250)}</h1>`;
