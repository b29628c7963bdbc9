/* Bundles src/ into ../static/built/: one script, one stylesheet, the typeface. Run by `npm run build` and by the package's build hook. */
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { build } from "esbuild";

const here = new URL("./", import.meta.url);
const built = new URL("../static/built/", here);
const subsets = ["latin", "latin-ext"];

await rm(built, { recursive: true, force: true });
await mkdir(built, { recursive: true });

const path = (url) => url.pathname;
await build({
  entryPoints: [path(new URL("src/main.tsx", here))],
  outfile: path(new URL("app.js", built)),
  bundle: true,
  minify: true,
  format: "esm",
  target: ["es2022", "chrome109", "firefox115", "safari16.4"],
  charset: "utf8",
  legalComments: "none",
  jsx: "automatic",
  jsxImportSource: "preact",
  logLevel: "warning",
});
await build({
  entryPoints: [path(new URL("src/styles/app.css", here))],
  outfile: path(new URL("app.css", built)),
  bundle: true,
  minify: true,
  charset: "utf8",
  logLevel: "warning",
});

/* Inter, from the package's own stylesheet: the two subsets that French and English need, and the files they name. */
const inter = new URL("node_modules/@fontsource-variable/inter/", here);
const faces = (await readFile(new URL("wght.css", inter), "utf8")).split("@font-face").slice(1);
const wanted = faces.filter((face) => subsets.some((subset) => face.includes(`inter-${subset}-wght-normal.woff2`)));
if (wanted.length !== subsets.length) throw new Error("the typeface's package no longer has the subsets expected");
const css = wanted.map((face) => `@font-face${face.slice(0, face.indexOf("}") + 1)}`).join("\n");
await writeFile(new URL("inter.css", built), css.replaceAll("./files/", "./").replaceAll("font-display: swap", "font-display: optional") + "\n");
for (const subset of subsets) {
  const file = `inter-${subset}-wght-normal.woff2`;
  await cp(new URL(`files/${file}`, inter), new URL(file, built));
}
