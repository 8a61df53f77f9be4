import { price } from "../lib/price";

export default function Page() {
  return <h1>Tea, {price(250)}</h1>;
}
