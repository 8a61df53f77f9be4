import { nanoid } from "nanoid";

export class Links {
  #byCode = new Map<string, string>();

  add(url: string): string {
    const code = nanoid(6);
    this.#byCode.set(code, new URL(url).href);
    return code;
  }

  find(code: string): string | undefined {
    return this.#byCode.get(code);
  }
}
