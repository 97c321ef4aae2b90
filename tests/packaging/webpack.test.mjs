// webpack 5 without a configuration.

import { assertNoTrouble } from "../browser/scenario.mjs";
import { samples } from "./readme.mjs";
import { linkAccount, onConsumer, seesAccount } from "./stage.mjs";

const scenario = onConsumer("webpack", {
  site: "dist",
  prepare: async (consumer) => {
    await consumer.write({ "src/main.js": samples("Vite")["src/main.js"] });
    await consumer.run("webpack/bin/webpack.js", "--mode", "production", "--entry", "./src/main.js");
    await consumer.write(samples("webpack"));
  },
});

scenario("the build links an account", async (visitor) => {
  await visitor.open();
  await linkAccount(visitor);
  await seesAccount(visitor);
  assertNoTrouble(visitor);
});
