// Compiles a program with MoonBit's compiler for browsers, for garbage-collected objects, in
// Node.js: node build.cjs DIRECTORY PROGRAM.mbt MODULE.wasm
//
// The directory is `dist` of npm's package @moonbit/moonpad-monaco. It has the library compiled for
// JavaScript only, but also its sources, so that each package that the program needs is compiled
// first.
const fs = require("fs");
const vm = require("vm");
const [directory, program, output] = process.argv.slice(2);
const target = "wasm-gc";

// The compiler is the script of a worker, which takes calls as messages in the form of Comlink.
const waiting = new Map();
let receive;
globalThis.addEventListener = (kind, listener) => {
  if (kind === "message") receive = listener;
};
globalThis.postMessage = ({ id, type, value }) => {
  const { resolve, reject } = waiting.get(id);
  if (type === "HANDLER") reject(value);
  else resolve(value);
};
// Its OCaml runtime looks for Node.js's modules.
globalThis.require = require;
vm.runInThisContext(fs.readFileSync(`${directory}/moonc-worker.js`, "utf8"));

function call(name, params) {
  return new Promise((resolve, reject) => {
    const id = String(waiting.size);
    waiting.set(id, { resolve, reject });
    const argumentList = [{ type: "RAW", value: params }];
    receive({ data: { id, type: "APPLY", path: [name], argumentList }, origin: "" });
  });
}

// The files of the library are base64 in variables, with a table of the variables by path.
const monaco = fs.readFileSync(`${directory}/moonpad-monaco.js`, "utf8");
const variables = new Map();
for (const [, name, text] of monaco.matchAll(/([\w$]+) = d\("([A-Za-z0-9+\/=]*)"\)/g)) {
  variables.set(name, text);
}
const files = new Map();
for (const [, path, name] of monaco.matchAll(/i\["(\/lib\/core\/[^"]+)"\] = ([\w$]+);/g)) {
  files.set(path, Buffer.from(variables.get(name), "base64").toString());
}
const { packages } = JSON.parse(files.get("/lib/core/_build/packages.json"));
const library = new Map(packages.map((own) => [`${own.root}/${own.rel}`, own]));
const pkgSources = ["moonbitlang/core:/lib/core"];

// The compiled packages, each behind those that it needs.
const compiled = new Map();

/** Compiles a package, and says why if that fails. */
async function build(pkg, mbtFiles, miFiles, stdMiFiles, isMain) {
  const result = await call("buildPackage", {
    mbtFiles, miFiles, stdMiFiles, indirectImportMiFiles: [], target, pkg, pkgSources, isMain,
    errorFormat: "human", enableValueTracing: false, noOpt: false,
  }).catch(() => ({}));
  if (!result.core) throw new Error(`${pkg} has errors`);
  return result;
}

/** Returns what a package needs of compiled ones: their interfaces, by names in the package. */
function interfaces(name) {
  return [...compiled].map(([path, { mi }]) => {
    const { rel } = library.get(path);
    return [`/lib/core/${rel}:${name(path, rel)}`, mi];
  });
}

async function compile(path) {
  if (compiled.has(path)) return;
  const { deps, files: own } = library.get(path);
  for (const dep of deps) await compile(dep.path);
  const sources = Object.keys(own).filter(
    (source) => own[source].backend.includes("WasmGC") && own[source].optlevel.includes("Release"),
  );
  const texts = sources.map((source) => [source, files.get(source.replace("moonbit-core:", ""))]);
  // Types of packages that others need are used without an import of their own.
  const name = (other, rel) =>
    deps.find((dep) => dep.path === other)?.alias ?? `indirect_${rel.replaceAll("/", "_")}`;
  compiled.set(path, await build(path, texts, interfaces(name), [], false));
}

async function main() {
  await compile("moonbitlang/core/prelude");
  const text = fs.readFileSync(program, "utf8");
  pkgSources.push("example/main:/");
  const std = interfaces((_, rel) => rel);
  const built = await build("example/main", [[program, text]], [], std, true);
  const { result } = await call("linkCore", {
    coreFiles: [...[...compiled.values()].map(({ core }) => core), built.core],
    main: "example/main", pkgSources, target, exportedFunctions: [], outputFormat: "wasm",
    testMode: false, debug: false, noOpt: false, sourceMap: false, sources: {}, stopOnMain: false,
  });
  fs.writeFileSync(output, result);
}

main().catch((error) => {
  console.error(error.message ?? error);
  process.exitCode = 1;
});
