export default [{ ignores: ["dist"] }];
